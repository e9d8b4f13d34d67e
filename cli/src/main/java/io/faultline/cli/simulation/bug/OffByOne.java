package io.faultline.cli.simulation.bug;

import io.faultline.cli.simulation.network.FrameTampering;
import io.faultline.cli.simulation.network.Socket;
import io.faultline.cli.simulation.network.WireFrame;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The first range of each page set that is not empty begins a page too late. */
final class OffByOne implements FrameTampering {
  @Override
  public void pass(Socket from, WireFrame frame, Consumer<WireFrame> out) {
    Frame original = frame.frame();
    out.accept(
        switch (frame.kind()) {
          case STALE -> changed(original.toBuilder().setStale(shifted(original.getStale())));
          case DISCARD -> changed(original.toBuilder().setDiscard(shifted(original.getDiscard())));
          case RECEIVED ->
              changed(original.toBuilder().setReceived(shifted(original.getReceived())));
          default -> frame;
        });
  }

  private static WireFrame changed(Frame.Builder frame) {
    return WireFrame.of(frame.build());
  }

  /** Lengths of runs alternate: outside the set, inside it, and so on. */
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
