package io.faultline.cli.simulation;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageRun;
import io.faultline.proto.wire.StreamEnd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a source sends that claims a page only when it has sent it: while the answer to a request is
 * on its way, the background sends the same pages, and counts them.
 */
final class PagesTwice implements FrameTampering {
  private final List<WireFrame> answered = new ArrayList<>();
  private int attempt;
  private final Map<Link, Long> more = new HashMap<>();

  @Override
  public void pass(Socket from, WireFrame frame, Consumer<WireFrame> on) {
    Link link = from.link();
    if (from != link.client()) {
      on.accept(frame);
      return;
    }
    if (link.attempt() != attempt) {
      attempt = link.attempt();
      answered.clear();
      more.clear();
    }
    if (link.isBulk()) {
      background(link, frame, on);
    } else {
      on.accept(frame);
      if (frame.payloadBytes() > 0) {
        answered.add(frame);
      }
    }
  }

  private void background(Link link, WireFrame frame, Consumer<WireFrame> on) {
    boolean behindRounds = frame.kind() == Frame.BodyCase.PAGES || frame.frame().hasStreamEnd();
    if (behindRounds) {
      for (WireFrame again : answered) {
        PageRun run = again.frame().getPages();
        more.merge(link, (long) run.getCount(), Long::sum);
        on.accept(again);
      }
      answered.clear();
    }
    if (frame.frame().hasStreamEnd()) {
      long pages = frame.frame().getStreamEnd().getPages() + more.getOrDefault(link, 0L);
      StreamEnd end = StreamEnd.newBuilder().setPages(pages).build();
      on.accept(WireFrame.of(Frame.newBuilder().setStreamEnd(end).build()));
    } else {
      on.accept(frame);
    }
  }
}
