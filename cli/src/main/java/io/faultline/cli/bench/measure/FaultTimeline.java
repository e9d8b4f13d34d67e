package io.faultline.cli.bench.measure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of a remote fault goes: joins the timestamps that one vCPU and both nodes recorded
 * into a timeline per fault. Timestamps are values of {@link System#nanoTime} on one machine.
 * Faults of one vCPU do not overlap, so a timestamp belongs to the fault whose interval contains
 * it. Faults without exactly one of each timestamp are ignored.
 */
public final class FaultTimeline {
  /** Consecutive parts of a fault; those that are {@link #isWithin} are part of the one before. */
  public enum Part {
    TO_READER("access to fault read from userfaultfd", false),
    TO_SOURCE("fault read to request decoded at the source", false),
    REQUEST_WRITE("of which: writing the request", true),
    AT_SOURCE("request decoded to page framed", false),
    TO_DESTINATION("page framed to answer decoded at the destination", false),
    ANSWER_WRITE("of which: writing the answer", true),
    TO_VCPU("answer decoded to end of access", false),
    COPY("of which: UFFDIO_COPY with wake-up", true),
    WHOLE("whole fault", false);

    private final String title;
    private final boolean within;

    Part(String title, boolean within) {
      this.title = title;
      this.within = within;
    }

    String title() {
      return title;
    }

    /** Whether it is contained in the preceding part. */
    boolean isWithin() {
      return within;
    }
  }

  /** An access of the vCPU that blocked. */
  record Fault(long start, long end) {}

  /** At the destination: fault read, request sent. */
  record Request(long read, long sent) {}

  /** At the source: request decoded, page framed, answer sent. */
  record Answer(long arrived, long ready, long sent) {}

  /** At the destination: answer decoded, page placed. */
  record Placing(long arrived, long placed) {}

  private final Map<Part, List<Long>> sorted = new EnumMap<>(Part.class);
  private int faults;

  FaultTimeline(
      List<Fault> accesses, List<Request> requests, List<Answer> answers, List<Placing> placings) {
    TreeMap<Long, Request> byRead = new TreeMap<>();
    requests.forEach(each -> byRead.put(each.read(), each));
    TreeMap<Long, Answer> byReady = new TreeMap<>();
    answers.forEach(each -> byReady.put(each.ready(), each));
    TreeMap<Long, Placing> byArrival = new TreeMap<>();
    placings.forEach(each -> byArrival.put(each.arrived(), each));
    for (Fault fault : accesses) {
      Request request = only(byRead, fault);
      Answer answer = only(byReady, fault);
      Placing placing = only(byArrival, fault);
      if (request != null && answer != null && placing != null) {
        add(fault, request, answer, placing);
      }
    }
    sorted.values().forEach(Collections::sort);
  }

  /** Number of faults with a complete set of timestamps. */
  int faults() {
    return faults;
  }

  /**
   * A percentile of the duration of a part.
   *
   * @throws IllegalStateException if there are no complete faults
   */
  long percentileNanos(Part part, int percent) {
    List<Long> all = sorted.getOrDefault(part, List.of());
    if (all.isEmpty()) {
      throw new IllegalStateException("no fault has a complete set of timestamps");
    }
    return all.get((int) ((all.size() - 1) * (long) percent / 100));
  }

  private static <T> @Nullable T only(NavigableMap<Long, T> all, Fault within) {
    Map<Long, T> found = all.subMap(within.start(), within.end());
    return found.size() == 1 ? found.values().iterator().next() : null;
  }

  private void add(Fault fault, Request request, Answer answer, Placing placing) {
    faults++;
    put(Part.TO_READER, fault.start(), request.read());
    put(Part.TO_SOURCE, request.read(), answer.arrived());
    put(Part.REQUEST_WRITE, request.read(), request.sent());
    put(Part.AT_SOURCE, answer.arrived(), answer.ready());
    put(Part.TO_DESTINATION, answer.ready(), placing.arrived());
    put(Part.ANSWER_WRITE, answer.ready(), answer.sent());
    put(Part.TO_VCPU, placing.arrived(), fault.end());
    put(Part.COPY, placing.arrived(), placing.placed());
    put(Part.WHOLE, fault.start(), fault.end());
  }

  private void put(Part part, long from, long to) {
    sorted.computeIfAbsent(part, _ -> new ArrayList<>()).add(to - from);
  }
}
