package io.faultline.restore.origin;

import io.faultline.restore.pageserver.PageServerHeader;
import io.netty.buffer.ByteBuf;

/** Says what is wrong with the header of an answer, for the user. Stateless. */
final class WrongAnswer {
  private WrongAnswer() {}

  /**
   * Says it.
   *
   * @param header the layout that is expected
   * @param requests the oldest of them should have been answered
   * @param at where the header starts
   */
  static String describe(PageServerHeader header, RequestQueue requests, ByteBuf buffer, int at) {
    PageServerHeader other =
        header == PageServerHeader.WIDE ? PageServerHeader.NARROW : PageServerHeader.WIDE;
    if (other.address(buffer, at) == requests.address()) {
      return "answers with headers of "
          + other.bytes()
          + " bytes, as CRIU "
          + (header == PageServerHeader.WIDE ? "up to 4.1.1" : "since 4.2")
          + " does, but the images are of the other family: dump with the CRIU that runs the page"
          + " server";
    }
    return String.format(
        "answered a request of %d pages at 0x%x of process %d with command %d, flags %d, %d pages"
            + " at 0x%x of process %d: it is no page server of this dump",
        requests.pages(),
        requests.address(),
        requests.pid(),
        header.command(buffer, at),
        header.flags(buffer, at),
        header.pages(buffer, at),
        header.address(buffer, at),
        header.target(buffer, at));
  }
}
