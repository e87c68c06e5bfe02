"""A protoc plugin for gRPC's Python code. grpcio-tools has the generator, but as a part of its own protoc alone."""

import pathlib
import sys
import tempfile

from google.protobuf import descriptor_pb2
from google.protobuf.compiler import plugin_pb2
from grpc_tools import protoc

request = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
response = plugin_pb2.CodeGeneratorResponse()
response.supported_features = response.FEATURE_PROTO3_OPTIONAL
with tempfile.TemporaryDirectory() as folder:
    contract = pathlib.Path(folder, "contract.binpb")
    contract.write_bytes(descriptor_pb2.FileDescriptorSet(file=request.proto_file).SerializeToString())
    out = pathlib.Path(folder, "out")
    out.mkdir()
    command = [f"--descriptor_set_in={contract}", f"--grpc_python_out={out}", *request.file_to_generate]
    if protoc.main(["protoc", *command]) != 0:
        response.error = "grpc_tools.protoc failed"
    for file in sorted(out.rglob("*.py")):
        response.file.add(name=file.relative_to(out).as_posix(), content=file.read_text("utf-8"))
sys.stdout.buffer.write(response.SerializeToString())
