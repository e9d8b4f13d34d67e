package io.faultline.restore.origin;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Where in the streams of a page server's connection an earlier program was.
 *
 * @param unsent the rest of a request that was sent in part
 * @param unreadBytes of the answer that was read in part
 * @param open requests whose answers are to come after that, in their order
 */
record StreamPosition(ByteBuf unsent, long unreadBytes, List<Open> open) {
  /** A request. */
  record Open(int pid, long address, int pages) {}
}
