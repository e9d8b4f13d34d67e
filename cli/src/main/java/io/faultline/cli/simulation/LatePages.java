package io.faultline.cli.simulation;

import io.faultline.proto.wire.Frame;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A destination that takes pages from a connection that came twice: the first pages that were ever
 * sent are brought once more, behind RUN, and are not counted.
 */
final class LatePages implements FrameTampering {
  private @Nullable WireFrame first;
  private boolean runs;
  private boolean done;

  @Override
  public void pass(Socket from, WireFrame frame, Consumer<WireFrame> on) {
    on.accept(frame);
    Link link = from.link();
    if (from == link.client()) {
      runs |= frame.frame().hasRun();
      if (frame.payloadBytes() > 0 && first == null) {
        first = frame;
      } else if (runs && !done && link.isBulk() && first != null && behindStale(frame)) {
        done = true;
        on.accept(first);
      }
    }
  }

  private static boolean behindStale(WireFrame frame) {
    return frame.kind() == Frame.BodyCase.PAGES
        || (frame.frame().hasStale() && frame.frame().getStale().getLast());
  }
}
