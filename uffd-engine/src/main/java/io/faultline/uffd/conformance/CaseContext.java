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
 * What a case works with: an engine, a kind of memory, and everything that it opens, which is
 * closed behind it, children first, then userfaultfds (so that threads that still sleep go on),
 * then mappings.
 */
public final class CaseContext implements AutoCloseable {
  /** How long anything that is to happen may take. */
  static final int PATIENCE_SECONDS = 3;

  private final Rig rig;
  private final MemoryType memory;
  private final long seed;
  private final long stressMillis;
  private final Arena arena = Arena.ofShared();
  private final Deque<AutoCloseable> children = new ArrayDeque<>();
  private final Deque<Userfaultfd> userfaultfds = new ArrayDeque<>();
  private final List<Guest<?>> guests = new ArrayList<>();
  private final Deque<AutoCloseable> others = new ArrayDeque<>();

  CaseContext(Rig rig, MemoryType memory, long seed, long stressMillis) {
    this.rig = rig;
    this.memory = memory;
    this.seed = seed;
    this.stressMillis = stressMillis;
  }

  Rig rig() {
    return rig;
  }

  Kernel kernel() {
    return rig.kernel();
  }

  MemoryType memory() {
    return memory;
  }

  /** The seed of everything random in the case. */
  long seed() {
    return seed;
  }

  Random random() {
    return new Random(seed);
  }

  /** How long the stress case runs. */
  long stressMillis() {
    return stressMillis;
  }

  long pageBytes() {
    return kernel().pageSizeBytes(memory.pageSize());
  }

  /** Maps pages that are not there yet. */
  Area map(int pages) {
    long length = pages * pageBytes();
    MemoryFile file = memory.hasFile() ? keep(memory.file(kernel(), length)) : null;
    MapRequest request =
        file == null ? MapRequest.anonymous(length, PageSize.BASE) : memory.request(file);
    return new Area(map(request), pageBytes(), pages, file);
  }

  /** Maps the file of an area once more, shared. */
  Area mapAgain(Area area) {
    MemoryFile file = area.backingFile();
    return new Area(map(MapRequest.sharedFile(file)), area.pageBytes(), area.pages(), file);
  }

  /** Maps something, to be unmapped behind the case. */
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

  /** Has a range unmapped behind the case. */
  void unmapLater(long address, long lengthBytes) {
    others.push(() -> kernel().unmap(address, lengthBytes));
  }

  <T extends AutoCloseable> T keep(T resource) {
    others.push(resource);
    return resource;
  }

  /** Opens a userfaultfd; a feature that the engine lacks makes the case not supported. */
  Userfaultfd open(Feature... features) {
    return open(OpenOptions.of(features));
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
    return keep(kernel().openPagemap());
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

  Guest<Long> loader(long address) {
    return guest("a load", () -> load(address));
  }

  Guest<Boolean> storer(long address, long value) {
    return guest(
        "a store",
        () -> {
          store(address, value);
          return true;
        });
  }

  Rig.Child share(Rig.Step... steps) {
    return adopt(rig.share(List.of(steps)));
  }

  Rig.Child fork(List<Rig.Step> steps) {
    return adopt(rig.fork(steps));
  }

  /** Forks while this thread reads the fork event that it waits for. */
  Guest<Rig.Child> forker(List<Rig.Step> steps) {
    return guest("a fork", () -> fork(steps));
  }

  /** Starts a thread that may sleep in a fault. */
  synchronized <T> Guest<T> guest(String what, Callable<T> body) {
    Guest<T> guest = Guest.start(what, body);
    guests.add(guest);
    return guest;
  }

  /** A thread that runs something without a result. */
  Guest<Boolean> guest(String what, Runnable body) {
    return guest(
        what,
        () -> {
          body.run();
          return true;
        });
  }

  /** Waits until poll says that an event is there, without reading it. */
  void awaitReadable(Userfaultfd uffd) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (rig.poll(uffd) != Rig.POLLIN) {
      Check.that(System.nanoTime() < deadline, "poll does not become POLLIN");
      Thread.sleep(1);
    }
  }

  /** Waits for the end of a child. */
  void awaitEnd(Rig.Child child) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (!child.hasEnded()) {
      Check.that(System.nanoTime() < deadline, "the child process does not end");
      Thread.sleep(1);
    }
  }

  /** Closes the userfaultfds only: threads that sleep in faults go on. */
  synchronized void releaseSleepers() {
    children.forEach(CaseContext::close);
    children.clear();
    userfaultfds.forEach(Userfaultfd::close);
    userfaultfds.clear();
  }

  @Override
  public synchronized void close() {
    releaseSleepers();
    // a thread that has only just been woken still touches its memory
    boolean allEnded = true;
    for (Guest<?> guest : guests) {
      allEnded &= guest.ends();
    }
    if (!allEnded) {
      throw new CheckFailedException("a thread hangs on after its userfaultfd was closed");
    }
    others.forEach(CaseContext::close);
    others.clear();
    arena.close();
  }

  private synchronized Rig.Child adopt(Rig.Child child) {
    children.push(child);
    return child;
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new IllegalStateException("closing " + resource, e);
    }
  }
}
