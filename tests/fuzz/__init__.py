"""Whatever strangers may send, fed to what reads it: `make fuzz` looks for inputs that break it, guided by coverage."""
