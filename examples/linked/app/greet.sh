echo "Hello from $(uname -m)."
