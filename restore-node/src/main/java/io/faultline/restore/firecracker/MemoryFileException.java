package io.faultline.restore.firecracker;

/** The memory file cannot be read any more. */
final class MemoryFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MemoryFileException(MemoryFile file) {
    super(
        file.path()
            + (file.isShorter()
                ? " has become shorter: it must not change while a guest needs it"
                : " cannot be read: see the kernel's log"));
  }
}
