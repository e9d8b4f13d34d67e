package io.faultline.cli.simulation;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The first run of each page set that is not empty ends a page too soon. */
final class OffByOne implements FrameTampering {
  @Override
  public void pass(Socket from, WireFrame frame, Consumer<WireFrame> on) {
    Frame of = frame.frame();
    on.accept(
        switch (frame.kind()) {
          case STALE -> changed(of.toBuilder().setStale(shifted(of.getStale())));
          case DISCARD -> changed(of.toBuilder().setDiscard(shifted(of.getDiscard())));
          case RECEIVED -> changed(of.toBuilder().setReceived(shifted(of.getReceived())));
          default -> frame;
        });
  }

  private static WireFrame changed(Frame.Builder frame) {
    return WireFrame.of(frame.build());
  }

  /** Runs are alternately out of the set and in it. */
  private static PageSet shifted(PageSet set) {
    List<Long> runs = new ArrayList<>(set.getRunsList());
    if (runs.size() < 2 || runs.get(1) < 1) {
      return set;
    }
    runs.set(0, runs.get(0) + 1);
    runs.set(1, runs.get(1) - 1);
    return set.toBuilder().clearRuns().addAllRuns(runs).build();
  }
}
