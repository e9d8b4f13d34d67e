package io.faultline.cli.simulation;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.PageRun;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Behind RUN each page is sent once on the connections of one attempt. */
final class SentOnce {
  private final InvariantLog rules;
  private final Map<Integer, BitSet> sent = new HashMap<>();
  private int attempt;
  private boolean committed;

  SentOnce(InvariantLog rules) {
    this.rules = rules;
  }

  /** A frame is on the wire. */
  void see(Socket from, WireFrame frame) {
    Link link = from.link();
    if (from != link.client()) {
      return;
    }
    committed |= frame.frame().hasRun();
    if (link.attempt() > attempt) {
      attempt = link.attempt();
      sent.clear();
    }
    if (committed && link.attempt() == attempt && frame.frame().hasPages()) {
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
    int twice = pages.nextSetBit(first);
    if (twice >= 0 && twice < end) {
      rules.broken(
          "page " + twice + " of region " + run.getRegion() + " is sent twice in one attempt");
    }
    pages.set(first, end);
  }
}
