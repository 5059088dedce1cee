"""One training step of the transformer of learning.mjs in PyTorch: prints the fastest step, in seconds."""
import json
import math
import sys
import time

import torch
import torch.nn.functional as F

sizes = json.loads(sys.argv[1])
layers, width, heads = sizes["layers"], sizes["width"], sizes["heads"]
vocabulary, context, batch = sizes["vocabulary"], sizes["context"], sizes["microbatchSize"]
torch.set_num_threads(sizes["threads"])
torch.manual_seed(1)
head_width = width // heads

angles = torch.arange(context).float()[:, None] * 10000 ** (-2 * torch.arange(head_width // 2).float() / head_width)
cosines, sines = angles.cos(), angles.sin()
mask = torch.full((context, context), float("-inf")).triu(1)


def rms(x, gain):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * gain


def rotate(x):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cosines - b * sines, b * cosines + a * sines), -1)


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        normal = lambda rows, columns: torch.nn.Parameter(torch.randn(rows, columns) / math.sqrt(rows))
        self.gain1 = torch.nn.Parameter(torch.ones(width))
        self.gain2 = torch.nn.Parameter(torch.ones(width))
        self.qkv, self.out = normal(width, 3 * width), normal(width, width)
        self.into, self.back = normal(width, 4 * width), normal(4 * width, width)

    def forward(self, x):
        q, k, v = (rms(x, self.gain1) @ self.qkv).view(batch, context, 3 * heads, head_width).transpose(1, 2).chunk(3, 1)
        shares = torch.softmax(rotate(q) @ rotate(k).transpose(2, 3) / math.sqrt(head_width) + mask, -1)
        x = x + (shares @ v).transpose(1, 2).reshape(batch, context, width) @ self.out
        return x + F.gelu(rms(x, self.gain2) @ self.into, approximate="tanh") @ self.back


embedding = torch.nn.Parameter(torch.randn(vocabulary, width) * 0.02)
head = torch.nn.Parameter(torch.randn(vocabulary, width) * 0.02)
gain = torch.nn.Parameter(torch.ones(width))
blocks = torch.nn.ModuleList(Block() for _ in range(layers))
parameters = [embedding, head, gain, *blocks.parameters()]
optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0)
tokens = torch.randint(0, 16, (batch, context + 1))


def step():
    x = F.embedding(tokens[:, :-1], embedding)
    for block in blocks:
        x = block(x)
    loss = F.cross_entropy((rms(x, gain) @ head.T).flatten(0, 1), tokens[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return loss.item()


step()
fastest = math.inf
for _ in range(sizes["steps"]):
    begin = time.perf_counter()
    step()
    fastest = min(fastest, time.perf_counter() - begin)

with open("/proc/self/maps") as maps:
    loaded = maps.read()
products = next((name for name in ("mkl", "openblas", "blis") if name in loaded), "plain BLAS, slow")
print(json.dumps({"seconds": fastest, "version": f"{torch.__version__}, {products}"}))
