package io.faultline.uffd.races;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.faultline.uffd.simulated.SimulatedOptions;
import io.faultline.uffd.simulated.Step;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Set;

/**
 * A minimal postcopy destination: a vCPU touches every page once, a background thread places every
 * page, a fault reader reads faults. The source sends no page twice, and the background thread
 * places every page anyway, so reading a fault requests nothing.
 *
 * <p>Page states are tracked in every scenario, as QEMU did before Linux 4.4; threads act on them
 * only in a scenario that wakes by page state.
 */
final class PostcopyProgram implements AutoCloseable {
  /** The state of a page in user space. */
  private enum PageState {
    MISSING,
    REQUESTED,
    RECEIVED
  }

  private static final long PAGE_BYTES = 4096;
  private static final long STAMP = 0x5eed;

  private final Interleaver interleaver = new Interleaver();
  private final Scenario scenario;
  private final int pages;
  private final SimulatedKernel kernel;
  private final Userfaultfd uffd;
  private final Pagemap pagemap;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment source;
  private final long address;
  private final PageState[] states;

  /** The state that the background thread read before it placed its current page. */
  private PageState before = PageState.MISSING;

  /** For each page the state that the fault reader found; empty until it reads the fault. */
  private final String[] foundByReader;

  PostcopyProgram(Scenario scenario, int pages) {
    this.scenario = scenario;
    this.pages = pages;
    this.states = new PageState[pages];
    this.foundByReader = new String[pages];
    Arrays.fill(states, PageState.MISSING);
    Arrays.fill(foundByReader, "");
    source = arena.allocate(PAGE_BYTES, PAGE_BYTES);
    source.set(ValueLayout.JAVA_LONG, 0, STAMP);
    SimulatedOptions options = SimulatedOptions.DEFAULT.withGeneration(scenario.generation());
    kernel = new SimulatedKernel(options, interleaver);
    address = kernel.map(MapRequest.anonymous(pages * PAGE_BYTES, PageSize.BASE));
    uffd = kernel.openUserfaultfd(OpenOptions.of());
    uffd.register(address, pages * PAGE_BYTES, Set.of(RegisterMode.MISSING));
    pagemap = kernel.openPagemap();
    interleaver.add(Role.VCPU, this::vcpu);
    interleaver.add(Role.BACKGROUND, this::background);
    interleaver.add(Role.FAULT_READER, this::faultReader);
  }

  Run run(Interleaver.Chooser chooser) {
    return interleaver.run(chooser);
  }

  private void vcpu() {
    for (int page = 0; page < pages; page++) {
      long value = kernel.guestLoad(address + page * PAGE_BYTES);
      if (value != STAMP) {
        throw new IllegalStateException("the vCPU found " + value + " in page " + page);
      }
    }
  }

  private void background() {
    for (int page = 0; page < pages; page++) {
      long at = address + page * PAGE_BYTES;
      interleaver.pause("reads the old state of page " + page);
      before = states[page];
      interleaver.result(before.name());
      long result = uffd.copy(at, source.address(), PAGE_BYTES, FillMode.WAKE);
      if (!FillResult.isComplete(result)) {
        throw new IllegalStateException("UFFDIO_COPY: " + FillResult.describe(result));
      }
      interleaver.pause("sets page " + page + " to RECEIVED");
      PageState found = states[page];
      states[page] = PageState.RECEIVED;
      interleaver.result("it was " + found);
      if (scenario.wakesByPageState()
          && before == PageState.MISSING
          && found == PageState.REQUESTED) {
        uffd.wake(at, PAGE_BYTES);
      }
    }
  }

  private void faultReader() {
    EventBuffer events = new EventBuffer(1);
    while (true) {
      interleaver.sleepUntil(() -> isReadable() || isOver(), "polls");
      if (isOver()) {
        return;
      }
      if (uffd.read(events) == 0) {
        interleaver.result("EAGAIN");
        continue;
      }
      long at = events.address(0);
      int page = (int) ((at - address) / PAGE_BYTES);
      interleaver.result("page " + page);
      interleaver.pause("sets page " + page + " from MISSING to REQUESTED");
      PageState found = states[page];
      interleaver.result("it was " + found);
      foundByReader[page] = found.name();
      if (found == PageState.MISSING) {
        states[page] = PageState.REQUESTED;
      } else if (scenario.wakesByPageState() && found == PageState.RECEIVED) {
        uffd.wake(at, PAGE_BYTES);
      }
    }
  }

  private boolean isReadable() {
    return SimulatedKernel.poll(uffd) == SimulatedKernel.POLLIN;
  }

  private boolean isOver() {
    return interleaver.isFinished(Role.VCPU) && interleaver.isFinished(Role.BACKGROUND);
  }

  /**
   * The state of the run: everything that its future depends on. Includes the states that the fault
   * reader found, so that runs that differ in them are distinguished.
   */
  String describe() {
    StringBuilder text = new StringBuilder();
    interleaver.actors().forEach(actor -> text.append(actor.describe()).append('|'));
    for (int page = 0; page < pages; page++) {
      text.append(states[page]).append(foundByReader[page]);
      text.append(pagemap.isPresent(address + page * PAGE_BYTES) ? "+ " : "- ");
    }
    return text.append(before).append(SimulatedKernel.describe(uffd)).toString();
  }

  /**
   * For a run that hangs, which of the two interleavings of the kernel's commit message lost the
   * wake-up: 1 if the fault was read before the page was marked RECEIVED, 2 if after, 0 if it was
   * never read.
   */
  int lostWakeUp() {
    for (int page = 0; page < pages; page++) {
      boolean placed = pagemap.isPresent(address + page * PAGE_BYTES);
      if (placed && SimulatedKernel.describe(uffd).contains(pageAddress(page))) {
        return switch (foundByReader[page]) {
          case "MISSING", "REQUESTED" -> 1;
          case "RECEIVED" -> 2;
          default -> 0;
        };
      }
    }
    return 0;
  }

  private String pageAddress(int page) {
    return Long.toHexString(address + page * PAGE_BYTES);
  }

  /** The page of a kernel step, as a suffix of its description. */
  static String pageName(Step step, long at) {
    boolean known = step != Step.READ;
    return known ? " (page " + ((at >>> 12) & 0xff) + ")" : "";
  }

  @Override
  public void close() {
    pagemap.close();
    uffd.close();
    kernel.exit();
    arena.close();
  }
}
