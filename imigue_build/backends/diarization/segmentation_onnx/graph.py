"""Writing ONNX graphs node by node.

The operators' set and the file format are fixed, names are numbered in order of use, and nothing
else enters the file, so that the same weights give the same bytes with one version of `onnx`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto, TensorProto

    Shape = tuple[int | str, ...]

_OPERATORS: Final = 17
"""Version of ONNX's operator set."""
_FORMAT: Final = 8
"""Version of ONNX's file format (IR)."""


class Graph:
    """A graph in the making: each call adds a constant or a node and returns the name of its output."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def constant(self, array: NDArray[Any]) -> str:
        """A constant of the graph: the network's weights, or integers for shapes and axes."""
        import numpy as np
        from onnx import numpy_helper

        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node with one output that is used; an input may be empty where the operator allows it."""
        from onnx import helper

        name = f"value{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def batch_norm(self, value: str, weights: dict[str, NDArray[np.float32]], prefix: str) -> str:
        """Batch normalization by the weights under `prefix`; scale 1 and shift 0 where there are none."""
        import numpy as np

        mean, variance = weights[f"{prefix}.running_mean"], weights[f"{prefix}.running_var"]
        scale = weights.get(f"{prefix}.weight", np.ones_like(mean))
        shift = weights.get(f"{prefix}.bias", np.zeros_like(mean))
        parts = [self.constant(part) for part in (scale, shift, mean, variance)]
        return self.add("BatchNormalization", value, *parts, epsilon=1e-5)

    def serialized(self, given: tuple[str, Shape], found: tuple[str, str, Shape]) -> bytes:
        """The finished file.

        Args:
            given: Name and shape of the input; a dimension that is a text is free.
            found: The value that is the output, its public name and shape.
        """
        from onnx import TensorProto, checker, helper

        value, public, shape = found
        nodes = [*self._nodes, helper.make_node("Identity", [value], [public])]
        graph = helper.make_graph(
            nodes,
            "network",
            [helper.make_tensor_value_info(given[0], TensorProto.FLOAT, list(given[1]))],
            [helper.make_tensor_value_info(public, TensorProto.FLOAT, list(shape))],
            self._constants,
        )
        operators = [helper.make_opsetid("", _OPERATORS)]
        model = helper.make_model(graph, opset_imports=operators, ir_version=_FORMAT, producer_name="imigue-build")
        checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))
