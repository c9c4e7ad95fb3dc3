"""Generated protobuf messages; `make messages` remakes them from the .proto files."""
