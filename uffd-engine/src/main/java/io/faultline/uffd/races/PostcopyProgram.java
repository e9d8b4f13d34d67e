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
 * The smallest postcopy destination: a vCPU touches every page once, a background thread places
 * every page, a fault reader reads faults. The source sends no page twice, so a fault that is read
 * asks for nothing that the background thread does not place anyway.
 *
 * <p>The states per page are kept in every setting, as QEMU did before Linux 4.4; only where the
 * setting takes care does somebody act on them.
 */
final class PostcopyProgram implements AutoCloseable {
  /** What user space knows of a page. */
  private enum PageState {
    MISSING,
    REQUESTED,
    RECEIVED
  }

  private static final long PAGE_BYTES = 4096;
  private static final long STAMP = 0x5eed;

  private final Interleaver interleaver = new Interleaver();
  private final Setting setting;
  private final int pages;
  private final SimulatedKernel kernel;
  private final Userfaultfd uffd;
  private final Pagemap pagemap;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment source;
  private final long address;
  private final PageState[] states;

  /** What the background thread found before it placed the page that it places now. */
  private PageState before = PageState.MISSING;

  /** For each page, the state that the reader of its fault found; empty while it is unread. */
  private final String[] foundByReader;

  PostcopyProgram(Setting setting, int pages) {
    this.setting = setting;
    this.pages = pages;
    this.states = new PageState[pages];
    this.foundByReader = new String[pages];
    Arrays.fill(states, PageState.MISSING);
    Arrays.fill(foundByReader, "");
    source = arena.allocate(PAGE_BYTES, PAGE_BYTES);
    source.set(ValueLayout.JAVA_LONG, 0, STAMP);
    SimulatedOptions options = SimulatedOptions.DEFAULT.withGeneration(setting.generation());
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
      if (setting.takesCare() && before == PageState.MISSING && found == PageState.REQUESTED) {
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
      } else if (setting.takesCare() && found == PageState.RECEIVED) {
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
   * All that the future depends on, and what the reader found so far, so that runs that differ in
   * that stay apart.
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
   * Which of the two interleavings of the kernel's commit message lost the wake-up, for a run that
   * hangs: 1 where the fault was read before the page was marked as received, 2 where after, 0
   * where it was never read.
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

  /** The page of a kernel step, as a suffix. */
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
