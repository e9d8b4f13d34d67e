package io.faultline.restore.pageserver;

import java.util.Set;

/**
 * Whose pages a client dumps: {@code id << 8 | type} in a header.
 *
 * @param isSharedMemory or a process
 * @param id of the process in the images, or of the shared memory; unsigned
 */
record DumpTarget(boolean isSharedMemory, long id) {
  private static final int TYPE_BITS = 8;
  private static final int TYPE_MASK = 0xff;

  /** The type since CRIU 3.x, and those of earlier versions. */
  private static final Set<Integer> PROCESS = Set.of(1, 10, 11, 16, 17);

  private static final Set<Integer> SHARED_MEMORY = Set.of(2, 27, 28, 29, 32, 33, 34);

  /**
   * @throws PageServerException if the type is not known, or the id is no process's
   */
  static DumpTarget of(long target) throws PageServerException {
    int type = (int) target & TYPE_MASK;
    long id = target >>> TYPE_BITS;
    boolean isProcess = PROCESS.contains(type);
    boolean isKnown = isProcess || SHARED_MEMORY.contains(type);
    if (!isKnown || (isProcess && (id == 0 || id > Integer.MAX_VALUE))) {
      throw new PageServerException(
          String.format("the client dumps something of type %d with id %d", type, id));
    }
    return new DumpTarget(!isProcess, id);
  }

  /** The name of the pagemap file. */
  String fileName() {
    return "pagemap-" + (isSharedMemory ? "shmem-" : "") + id + ".img";
  }
}
