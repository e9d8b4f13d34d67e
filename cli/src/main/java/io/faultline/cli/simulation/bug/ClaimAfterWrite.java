package io.faultline.cli.simulation.bug;

import io.faultline.cli.simulation.network.Connection;
import io.faultline.cli.simulation.network.FrameTampering;
import io.faultline.cli.simulation.network.Socket;
import io.faultline.cli.simulation.network.WireFrame;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageRun;
import io.faultline.proto.wire.StreamEnd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The source claims a page only after it has sent it: while the answer to a request is in flight,
 * the background transfer sends the same pages again and counts them.
 */
final class ClaimAfterWrite implements FrameTampering {
  private final List<WireFrame> answered = new ArrayList<>();
  private final Map<Connection, Long> extraPages = new HashMap<>();
  private int attempt;

  @Override
  public void pass(Socket from, WireFrame frame, Consumer<WireFrame> out) {
    Connection connection = from.connection();
    if (from != connection.client()) {
      out.accept(frame);
      return;
    }
    if (connection.attempt() != attempt) {
      attempt = connection.attempt();
      answered.clear();
      extraPages.clear();
    }
    if (connection.isBulk()) {
      background(connection, frame, out);
    } else {
      out.accept(frame);
      if (frame.payloadBytes() > 0) {
        answered.add(frame);
      }
    }
  }

  private void background(Connection connection, WireFrame frame, Consumer<WireFrame> out) {
    boolean afterRounds = frame.kind() == Frame.BodyCase.PAGES || frame.frame().hasStreamEnd();
    if (afterRounds) {
      for (WireFrame again : answered) {
        PageRun run = again.frame().getPages();
        extraPages.merge(connection, (long) run.getCount(), Long::sum);
        out.accept(again);
      }
      answered.clear();
    }
    if (frame.frame().hasStreamEnd()) {
      long pages =
          frame.frame().getStreamEnd().getPages() + extraPages.getOrDefault(connection, 0L);
      StreamEnd end = StreamEnd.newBuilder().setPages(pages).build();
      out.accept(WireFrame.of(Frame.newBuilder().setStreamEnd(end).build()));
    } else {
      out.accept(frame);
    }
  }
}
