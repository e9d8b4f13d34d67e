package io.faultline.cli.simulation.bug;

import io.faultline.cli.simulation.network.Connection;
import io.faultline.cli.simulation.network.FrameTampering;
import io.faultline.cli.simulation.network.Socket;
import io.faultline.cli.simulation.network.WireFrame;
import io.faultline.proto.wire.Frame;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The destination accepts pages of a replayed connection: the first pages ever sent arrive once
 * more after RUN, without being counted.
 */
final class DuplicateAccepted implements FrameTampering {
  private @Nullable WireFrame first;
  private boolean running;
  private boolean done;

  @Override
  public void pass(Socket from, WireFrame frame, Consumer<WireFrame> out) {
    out.accept(frame);
    Connection connection = from.connection();
    if (from == connection.client()) {
      running |= frame.frame().hasRun();
      if (frame.payloadBytes() > 0 && first == null) {
        first = frame;
      } else if (running
          && !done
          && connection.isBulk()
          && first != null
          && followsStaleMap(frame)) {
        done = true;
        out.accept(first);
      }
    }
  }

  /** Whether the stale-page map, if there is one, has been sent. */
  private static boolean followsStaleMap(WireFrame frame) {
    return frame.kind() == Frame.BodyCase.PAGES
        || (frame.frame().hasStale() && frame.frame().getStale().getLast());
  }
}
