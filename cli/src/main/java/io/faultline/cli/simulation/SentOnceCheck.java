package io.faultline.cli.simulation;

import io.faultline.cli.simulation.network.Connection;
import io.faultline.cli.simulation.network.Socket;
import io.faultline.cli.simulation.network.WireFrame;
import io.faultline.cli.simulation.runtime.InvariantLog;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.PageRun;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** After RUN each page is sent at most once on the connections of one attempt. */
final class SentOnceCheck {
  private final InvariantLog invariants;
  private final Map<Integer, BitSet> sent = new HashMap<>();
  private int attempt;
  private boolean committed;

  SentOnceCheck(InvariantLog invariants) {
    this.invariants = invariants;
  }

  /** Called for each frame on the wire. */
  void onFrame(Socket from, WireFrame frame) {
    Connection connection = from.connection();
    if (from != connection.client()) {
      return;
    }
    committed |= frame.frame().hasRun();
    if (connection.attempt() > attempt) {
      attempt = connection.attempt();
      sent.clear();
    }
    if (committed && connection.attempt() == attempt && frame.frame().hasPages()) {
      add(frame.frame().getPages());
    }
  }

  private void add(PageRun run) {
    if (run.getEncoding() == Encoding.ENCODING_CURRENT) {
      return;
    }
    BitSet pages = sent.computeIfAbsent(run.getRegion(), region -> new BitSet());
    int first = (int) run.getFirstPage();
    int end = first + run.getCount();
    int duplicate = pages.nextSetBit(first);
    if (duplicate >= 0 && duplicate < end) {
      invariants.violated(
          "page " + duplicate + " of region " + run.getRegion() + " is sent twice in one attempt");
    }
    pages.set(first, end);
  }
}
