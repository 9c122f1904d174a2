"""Diarization by pyannote's segmentation-3.0 and CAM++ speaker embeddings through onnxruntime, without torch."""
