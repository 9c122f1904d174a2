"""The two networks computed with plain numpy, step by step, for random weights of their shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imigue_build.backends.diarization.segmentation_onnx.weights import Weights

    Array = NDArray[np.floating[Any]]

BLOCKS = ((12, 128, 1), (24, 256, 2), (16, 512, 2))
"""Layers, channels into the first, and dilation of CAM++'s dense blocks."""


def segmentation_weights(seed: int = 0) -> Weights:
    """Random weights of the shapes of segmentation-3.0."""
    draw = np.random.default_rng(seed)
    bank = "sincnet.conv1d.0.filterbank"
    found: dict[str, Array] = {
        f"{bank}.low_hz_": draw.uniform(20, 4000, (40, 1)),
        f"{bank}.band_hz_": draw.uniform(20, 3000, (40, 1)),
        f"{bank}.window_": np.hamming(251)[:125],
        f"{bank}.n_": 2 * np.pi * np.arange(-125, 0)[None] / 16_000,
    }
    for name, inputs in (("sincnet.conv1d.1", 80), ("sincnet.conv1d.2", 60)):
        found |= {f"{name}.weight": draw.normal(0, 0.1, (60, inputs, 5)), f"{name}.bias": draw.normal(size=60)}
    for name, size in (("wav_norm1d", 1), ("norm1d.0", 80), ("norm1d.1", 60), ("norm1d.2", 60)):
        found |= {f"sincnet.{name}.{part}": draw.uniform(0.5, 1.5, size) for part in ("weight", "bias")}
    for layer, inputs in enumerate((60, 256, 256, 256)):
        for way in ("", "_reverse"):
            found[f"lstm.weight_ih_l{layer}{way}"] = draw.normal(0, 0.1, (512, inputs))
            found[f"lstm.weight_hh_l{layer}{way}"] = draw.normal(0, 0.1, (512, 128))
            found |= {f"lstm.bias_{part}_l{layer}{way}": draw.normal(0, 0.1, 512) for part in ("ih", "hh")}
    for name, shape in (("linear.0", (128, 256)), ("linear.1", (128, 128)), ("classifier", (7, 128))):
        found |= {f"{name}.weight": draw.normal(0, 0.2, shape), f"{name}.bias": draw.normal(0, 0.2, shape[0])}
    return {name: value.astype(np.float32) for name, value in found.items()}


def embedding_weights(seed: int = 0) -> Weights:
    """Random weights of the shapes of CAM++."""
    draw = np.random.default_rng(seed)
    found: Weights = {}

    def conv(name: str, *shape: int) -> None:
        found[f"{name}.weight"] = draw.normal(0, np.prod(shape[1:]) ** -0.5, shape).astype(np.float32)

    def norm(name: str, size: int) -> None:
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"{name}.{part}"] = draw.uniform(0.2, 1.0, size).astype(np.float32)

    _front(conv, norm)
    conv("xvector.tdnn.linear", 128, 320, 5)
    norm("xvector.tdnn.nonlinear.batchnorm", 128)
    for block, (layers, channels, _) in enumerate(BLOCKS, 1):
        for layer in range(layers):
            name = f"xvector.block{block}.tdnnd{layer + 1}"
            norm(f"{name}.nonlinear1.batchnorm", channels + 32 * layer)
            conv(f"{name}.linear1", 128, channels + 32 * layer, 1)
            norm(f"{name}.nonlinear2.batchnorm", 128)
            conv(f"{name}.cam_layer.linear_local", 32, 128, 3)
            for part, shape in (("linear1", (64, 128, 1)), ("linear2", (32, 64, 1))):
                conv(f"{name}.cam_layer.{part}", *shape)
                found[f"{name}.cam_layer.{part}.bias"] = draw.normal(0, 0.1, shape[0]).astype(np.float32)
        whole = channels + 32 * layers
        norm(f"xvector.transit{block}.nonlinear.batchnorm", whole)
        conv(f"xvector.transit{block}.linear", whole // 2, whole, 1)
    norm("xvector.out_nonlinear.batchnorm", 512)
    conv("xvector.dense.linear", 192, 1024, 1)
    for part in ("running_mean", "running_var"):
        found[f"xvector.dense.nonlinear.batchnorm.{part}"] = draw.uniform(0.2, 1.0, 192).astype(np.float32)
    return found


def _front(conv: Callable[..., None], norm: Callable[[str, int], None]) -> None:
    conv("head.conv1", 32, 1, 3, 3)
    for block in ("layer1.0", "layer1.1", "layer2.0", "layer2.1"):
        for number in (1, 2):
            conv(f"head.{block}.conv{number}", 32, 32, 3, 3)
            norm(f"head.{block}.bn{number}", 32)
        if block.endswith("0"):
            conv(f"head.{block}.shortcut.0", 32, 32, 1, 1)
            norm(f"head.{block}.shortcut.1", 32)
    conv("head.conv2", 32, 32, 3, 3)
    norm("head.bn1", 32)
    norm("head.bn2", 32)


def sigmoid(value: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-value)))


def conv1d(value: Array, kernel: Array, stride: int = 1, pad: int = 0, dilation: int = 1) -> Array:
    """(channels, steps) to (kernels, steps)."""
    value = np.pad(value, ((0, 0), (pad, pad)))
    reach = (kernel.shape[2] - 1) * dilation + 1
    cut = np.lib.stride_tricks.sliding_window_view(value, reach, axis=1)[:, ::stride, ::dilation]
    return np.asarray(np.einsum("ctk,ock->ot", cut, kernel))


def conv2d(value: Array, kernel: Array, stride: int = 1) -> Array:
    """(channels, rows, columns) to (kernels, rows, columns), as wide as before; rows by `stride`."""
    pad = kernel.shape[2] // 2
    value = np.pad(value, ((0, 0), (pad, pad), (pad, pad)))
    cut = np.lib.stride_tricks.sliding_window_view(value, kernel.shape[2:], axis=(1, 2))[:, ::stride]
    return np.asarray(np.einsum("crtij,ocij->ort", cut, kernel, optimize=True))


def segmentation(weights: Weights, sound: Array) -> Array:
    """(samples,) to (frames, 7) probabilities."""

    def normed(value: Array, name: str) -> Array:
        value = (value - value.mean(axis=1, keepdims=True)) / np.sqrt(value.var(axis=1, keepdims=True) + 1e-5)
        return np.asarray(value * weights[f"{name}.weight"][:, None] + weights[f"{name}.bias"][:, None])

    value = conv1d(normed(sound[None], "sincnet.wav_norm1d"), sinc(weights), stride=10)
    for layer in range(3):
        if layer == 0:
            value = np.abs(value)
        else:
            name = f"sincnet.conv1d.{layer}"
            value = conv1d(value, weights[f"{name}.weight"]) + weights[f"{name}.bias"][:, None]
        value = value[:, : value.shape[1] // 3 * 3].reshape(len(value), -1, 3).max(axis=2)
        value = normed(value, f"sincnet.norm1d.{layer}")
        value = np.where(value > 0, value, 0.01 * value)
    value = value.T
    for layer in range(4):
        ahead, back = lstm(weights, value, f"l{layer}"), lstm(weights, value[::-1], f"l{layer}_reverse")[::-1]
        value = np.concatenate([ahead, back], axis=1)
    for name in ("linear.0", "linear.1", "classifier"):
        value = value @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
        value = value if name == "classifier" else np.where(value > 0, value, 0.01 * value)
    value = np.exp(value - value.max(axis=1, keepdims=True))
    return np.asarray(value / value.sum(axis=1, keepdims=True))


def sinc(weights: Weights) -> Array:
    """(80, 1, 251) the differences of two low-pass filters each, and their odd partners, sample by sample."""
    bank = "sincnet.conv1d.0.filterbank"
    found = np.zeros((80, 1, 251))
    for index in range(40):
        low = 50 + abs(float(weights[f"{bank}.low_hz_"][index, 0]))
        high = min(low + 50 + abs(float(weights[f"{bank}.band_hz_"][index, 0])), 8000.0)
        for tap in range(251):
            time = 2 * np.pi * (tap - 125) / 16_000
            taper = float(np.hamming(251)[tap])
            even = 2 * (high - low) if tap == 125 else 2 * (np.sin(high * time) - np.sin(low * time)) / time * taper
            odd = 0.0 if tap == 125 else 2 * (np.cos(low * time) - np.cos(high * time)) / time * taper
            found[index, 0, tap] = even / (2 * (high - low))
            found[40 + index, 0, tap] = odd / (2 * (high - low))
    return found


def lstm(weights: Weights, value: Array, name: str) -> Array:
    """(steps, inputs) to (steps, 128), with torch's order of gates."""
    state, cell, found = np.zeros(128), np.zeros(128), []
    given = value @ weights[f"lstm.weight_ih_{name}"].T + weights[f"lstm.bias_ih_{name}"]
    for step in given:
        gates = step + weights[f"lstm.weight_hh_{name}"] @ state + weights[f"lstm.bias_hh_{name}"]
        into, forget, new, out = np.split(gates, 4)
        cell = sigmoid(forget) * cell + sigmoid(into) * np.tanh(new)
        state = sigmoid(out) * np.tanh(cell)
        found.append(state)
    return np.array(found)


def embedding(weights: Weights, features: Array) -> Array:
    """(frames, 80) to (192,)."""

    def normed(value: Array, name: str) -> Array:
        shape = (-1,) + (1,) * (value.ndim - 1)
        mean, var = (weights[f"{name}.running_{part}"].reshape(shape) for part in ("mean", "var"))
        value = (value - mean) / np.sqrt(var + 1e-5)
        if f"{name}.weight" in weights:
            value = value * weights[f"{name}.weight"].reshape(shape) + weights[f"{name}.bias"].reshape(shape)
        return value

    def active(value: Array, name: str) -> Array:
        return np.maximum(normed(value, name), 0)

    value = active(conv2d(features.T[None], weights["head.conv1.weight"]), "head.bn1")
    for block, stride in (("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1)):
        name = f"head.{block}"
        inner = active(conv2d(value, weights[f"{name}.conv1.weight"], stride), f"{name}.bn1")
        inner = normed(conv2d(inner, weights[f"{name}.conv2.weight"]), f"{name}.bn2")
        if stride == 2:
            value = normed(conv2d(value, weights[f"{name}.shortcut.0.weight"], 2), f"{name}.shortcut.1")
        value = np.maximum(inner + value, 0)
    value = active(conv2d(value, weights["head.conv2.weight"], 2), "head.bn2").reshape(320, -1)
    value = active(conv1d(value, weights["xvector.tdnn.linear.weight"], 2, 2), "xvector.tdnn.nonlinear.batchnorm")
    for number, (layers, _, dilation) in enumerate(BLOCKS, 1):
        for layer in range(layers):
            name = f"xvector.block{number}.tdnnd{layer + 1}"
            inner = active(value, f"{name}.nonlinear1.batchnorm")
            inner = active(conv1d(inner, weights[f"{name}.linear1.weight"]), f"{name}.nonlinear2.batchnorm")
            cam = f"{name}.cam_layer"
            local = conv1d(inner, weights[f"{cam}.linear_local.weight"], 1, dilation, dilation)
            stretches = [inner[:, first : first + 100].mean(axis=1) for first in range(0, inner.shape[1], 100)]
            pooled = np.stack([stretches[step // 100] for step in range(inner.shape[1])], axis=1)
            context = inner.mean(axis=1, keepdims=True) + pooled
            context = conv1d(context, weights[f"{cam}.linear1.weight"]) + weights[f"{cam}.linear1.bias"][:, None]
            context = conv1d(np.maximum(context, 0), weights[f"{cam}.linear2.weight"])
            value = np.concatenate([value, local * sigmoid(context + weights[f"{cam}.linear2.bias"][:, None])])
        name = f"xvector.transit{number}"
        value = conv1d(active(value, f"{name}.nonlinear.batchnorm"), weights[f"{name}.linear.weight"])
    value = active(value, "xvector.out_nonlinear.batchnorm")
    value = np.concatenate([value.mean(axis=1), value.std(axis=1, ddof=1)])
    return normed(weights["xvector.dense.linear.weight"][:, :, 0] @ value, "xvector.dense.nonlinear.batchnorm")
