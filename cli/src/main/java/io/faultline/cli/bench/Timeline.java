package io.faultline.cli.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of a remote fault goes: the moments that a vCPU and both nodes recorded, put
 * together fault by fault. Moments are {@link System#nanoTime}'s of one machine. Only faults of
 * which every moment is known count, and of one vCPU only: its faults do not overlap, so that a
 * moment belongs to the fault within which it lies.
 */
final class Timeline {
  /** Parts of a fault. Those in a row make up the whole; {@link #isWithin} ones are part of one. */
  enum Part {
    TO_READER("access, to the fault read from userfaultfd", false),
    TO_SOURCE("to the request decoded at the source", false),
    REQUEST_WRITE("of which: writing the request", true),
    AT_SOURCE("to its page found, and framed", false),
    TO_DESTINATION("to the answer decoded at the destination", false),
    ANSWER_WRITE("of which: writing the answer", true),
    TO_VCPU("to the end of the access", false),
    COPY("of which: UFFDIO_COPY, with the wake-up", true),
    WHOLE("the whole fault", false);

    private final String title;
    private final boolean within;

    Part(String title, boolean within) {
      this.title = title;
      this.within = within;
    }

    String title() {
      return title;
    }

    /** Whether it lies in the part before. */
    boolean isWithin() {
      return within;
    }
  }

  /** An access of a vCPU that had to wait. */
  record Fault(long start, long end) {}

  /** What the destination did first. */
  record Request(long read, long sent) {}

  /** What the source did. */
  record Answer(long arrived, long ready, long sent) {}

  /** What the destination did last. */
  record Placing(long arrived, long placed) {}

  private final Map<Part, List<Long>> sorted = new EnumMap<>(Part.class);
  private int faults;

  Timeline(
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

  /** Faults of which every moment is known. */
  int faults() {
    return faults;
  }

  /**
   * Nanoseconds that a part took, in so many of a hundred faults, or less.
   *
   * @throws IllegalStateException where no fault is known
   */
  long percentileNanos(Part part, int percent) {
    List<Long> all = sorted.getOrDefault(part, List.of());
    if (all.isEmpty()) {
      throw new IllegalStateException("no fault of which every moment was recorded");
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
