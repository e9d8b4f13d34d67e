package io.faultline.uffd.conformance;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.UffdIoctl;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * The context of a case: an engine, a kind of memory, and all resources that the case opens. They
 * are closed after the case: children first, then userfaultfds (so that threads that still sleep
 * wake up), then mappings.
 */
public final class CaseContext implements AutoCloseable {
  /** The time limit of each wait. */
  static final int LIMIT_SECONDS = 3;

  private final Engine engine;
  private final MemoryType memory;
  private final long seed;
  private final long stressMillis;
  private final Arena arena = Arena.ofShared();
  private final Deque<AutoCloseable> children = new ArrayDeque<>();
  private final Deque<Userfaultfd> userfaultfds = new ArrayDeque<>();
  private final List<GuestThread<?>> guests = new ArrayList<>();
  private final Deque<AutoCloseable> others = new ArrayDeque<>();

  CaseContext(Engine engine, MemoryType memory, long seed, long stressMillis) {
    this.engine = engine;
    this.memory = memory;
    this.seed = seed;
    this.stressMillis = stressMillis;
  }

  Engine engine() {
    return engine;
  }

  Kernel kernel() {
    return engine.kernel();
  }

  MemoryType memory() {
    return memory;
  }

  /** The seed of the case's random numbers. */
  long seed() {
    return seed;
  }

  Random random() {
    return new Random(seed);
  }

  /** The duration of the stress case. */
  long stressMillis() {
    return stressMillis;
  }

  long pageBytes() {
    return kernel().pageSizeBytes(memory.pageSize());
  }

  /** Maps missing pages. */
  Area map(int pages) {
    long length = pages * pageBytes();
    MemoryFile file = memory.hasFile() ? closeLater(memory.file(kernel(), length)) : null;
    MapRequest request =
        file == null ? MapRequest.anonymous(length, PageSize.BASE) : memory.request(file);
    return new Area(map(request), pageBytes(), pages, file);
  }

  /** Maps the file of an area again, shared. */
  Area mapAgain(Area area) {
    MemoryFile file = area.backingFile();
    return new Area(map(MapRequest.sharedFile(file)), area.pageBytes(), area.pages(), file);
  }

  /** Creates a mapping that is unmapped after the case. */
  long map(MapRequest request) {
    Kernel kernel = kernel();
    long address = kernel.map(request);
    long length = request.lengthBytes();
    unmapLater(address, length);
    if (!request.pageSize().isHuge()) {
      kernel.advise(address, length, Advice.NO_HUGE_PAGE);
    }
    return address;
  }

  /** Unmaps a range after the case. */
  void unmapLater(long address, long lengthBytes) {
    others.push(() -> kernel().unmap(address, lengthBytes));
  }

  /** Closes a resource after the case. */
  <T extends AutoCloseable> T closeLater(T resource) {
    others.push(resource);
    return resource;
  }

  /** Opens a userfaultfd; if the engine lacks a feature, the case is not supported. */
  Userfaultfd open(Feature... features) {
    return open(OpenOptions.of(features));
  }

  /** Opens a userfaultfd with features, as {@link #open(Feature...)}, and registers an area. */
  Userfaultfd open(Area area, RegisterMode mode, Feature... features) {
    Userfaultfd uffd = open(features);
    register(uffd, area, mode);
    return uffd;
  }

  Userfaultfd open(OpenOptions options) {
    Set<Feature> missing = EnumSet.noneOf(Feature.class);
    missing.addAll(options.features());
    missing.removeAll(kernel().supportedFeatures());
    if (!missing.isEmpty()) {
      throw new NotSupportedException("the kernel lacks " + missing);
    }
    try {
      return adopt(kernel().openUserfaultfd(options));
    } catch (SystemCallException e) {
      throw new NotSupportedException(String.valueOf(e.getMessage()));
    }
  }

  synchronized Userfaultfd adopt(Userfaultfd uffd) {
    userfaultfds.push(uffd);
    return uffd;
  }

  Set<UffdIoctl> register(Userfaultfd uffd, Area area, RegisterMode... modes) {
    return uffd.register(area.address(), area.lengthBytes(), Set.of(modes));
  }

  Pagemap pagemap() {
    return closeLater(kernel().openPagemap());
  }

  /** The address of a page-sized buffer whose words are {@code stamp}, {@code stamp + 1}, ... */
  long buffer(long stamp) {
    return buffer(1, stamp);
  }

  /** The address of a buffer of some pages; page i's first word is {@code stamp + i * 1000}. */
  long buffer(int pages, long stamp) {
    MemorySegment buffer = arena.allocate(pages * pageBytes(), 4096);
    for (int page = 0; page < pages; page++) {
      for (int word = 0; word < 512; word++) {
        buffer.set(JAVA_LONG, page * pageBytes() + word * 8L, stamp + page * 1000L + word);
      }
    }
    return buffer.address();
  }

  long load(long address) {
    return kernel().guestLoad(address);
  }

  void store(long address, long value) {
    kernel().guestStore(address, value);
  }

  GuestThread<Long> loader(long address) {
    return guest("a load", () -> load(address));
  }

  GuestThread<Boolean> storer(long address, long value) {
    return guest(
        "a store",
        () -> {
          store(address, value);
          return true;
        });
  }

  Engine.Child share(Engine.Step... steps) {
    return adopt(engine.share(List.of(steps)));
  }

  Engine.Child fork(List<Engine.Step> steps) {
    return adopt(engine.fork(steps));
  }

  /** Forks on another thread, so that this one can read the fork event. */
  GuestThread<Engine.Child> forker(List<Engine.Step> steps) {
    return guest("a fork", () -> fork(steps));
  }

  /** Starts a thread that may sleep in a fault. */
  synchronized <T> GuestThread<T> guest(String what, Callable<T> body) {
    GuestThread<T> guest = GuestThread.start(what, body);
    guests.add(guest);
    return guest;
  }

  /** Starts a thread without a result. */
  GuestThread<Boolean> guest(String what, Runnable body) {
    return guest(
        what,
        () -> {
          body.run();
          return true;
        });
  }

  /** Waits until poll reports an event, without reading it. */
  void awaitReadable(Userfaultfd uffd) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT_SECONDS * 1_000_000_000L;
    while (engine.poll(uffd) != Engine.POLLIN) {
      Expect.that(System.nanoTime() < deadline, "poll does not return POLLIN");
      Thread.sleep(1);
    }
  }

  /** Waits for the end of a child. */
  void awaitEnd(Engine.Child child) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT_SECONDS * 1_000_000_000L;
    while (!child.hasEnded()) {
      Expect.that(System.nanoTime() < deadline, "the child process does not exit");
      Thread.sleep(1);
    }
  }

  /** Closes children and userfaultfds only: threads that sleep in faults wake up. */
  synchronized void closeUserfaultfds() {
    children.forEach(CaseContext::close);
    children.clear();
    userfaultfds.forEach(Userfaultfd::close);
    userfaultfds.clear();
  }

  @Override
  public synchronized void close() {
    closeUserfaultfds();
    // a thread that was just woken still touches its memory
    boolean allEnded = true;
    for (GuestThread<?> guest : guests) {
      allEnded &= guest.ends();
    }
    if (!allEnded) {
      throw new ExpectationFailedException("a thread still hangs after its userfaultfd was closed");
    }
    others.forEach(CaseContext::close);
    others.clear();
    arena.close();
  }

  private synchronized Engine.Child adopt(Engine.Child child) {
    children.push(child);
    return child;
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot close " + resource, e);
    }
  }
}
