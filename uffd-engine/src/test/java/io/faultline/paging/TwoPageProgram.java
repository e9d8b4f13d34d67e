package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.paging.table.FrameBudget;
import io.faultline.paging.table.PageState;
import io.faultline.paging.table.StagingRing;
import io.faultline.paging.table.StateTable;
import io.faultline.paging.table.StreamTable;
import io.faultline.uffd.Advice;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageCategory;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.faultline.uffd.simulated.SimulatedOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.ToIntBiFunction;

/**
 * A pager of a region of two pages, the threads of which and those of its application run as {@link
 * Turns} decides. Every word is stored to by one thread, with growing values, so each load can be
 * checked, and each page of the store.
 */
final class TwoPageProgram implements AutoCloseable {
  static final int PAGES = 2;
  static final int WORDS = 2;
  private static final PagemapQuery PRESENT =
      new PagemapQuery(Set.of(PageCategory.PRESENT), Set.of(), Set.of(), Set.of(), false, false, 0);

  final Turns turns;
  private final ProgramMemory memory;
  final long[] stored = new long[PAGES * WORDS];
  private final long[] promised = new long[PAGES * WORDS];
  final Arena arena = Arena.ofShared();

  /** Further checks of an actor, after the run. */
  final List<Runnable> atEnd = new ArrayList<>();

  final SimulatedKernel kernel;
  private final Userfaultfd uffd;
  private final Pagemap pagemap;
  final PagerContext pager;
  private final PagerCore core;
  private final WatchedSpace space;
  final Region region;
  final StepwiseStore store;
  private final StagedWriters writers;
  private final Evictor evictor;
  final Flusher flusher;
  final PagedRegion paged;

  /**
   * @param memory of the region
   * @param frames of the buffer
   * @param passesOn as for {@link Turns}
   * @param refusal as for {@link RefusingUserfaultfd}
   */
  TwoPageProgram(ProgramMemory memory, int frames, IntPredicate passesOn, Refusal refusal) {
    this.memory = memory;
    turns = new Turns(passesOn, this::checkMemory);
    kernel = new SimulatedKernel(SimulatedOptions.DEFAULT, turns);
    uffd = memory.open(kernel);
    pagemap = kernel.openPagemap();
    store = new StepwiseStore(turns, PAGES * PAGE);
    long staging = memory.mapStaging(kernel, uffd, PAGES * PAGE);
    FrameBudget budget = new FrameBudget(frames);
    Pause pause = round -> turns.letOthersRun();
    MemorySegment staged =
        MemorySegment.ofAddress(kernel.dataAddress(staging)).reinterpret(PAGES * PAGE);
    ToIntBiFunction<String, Object[]> refuse =
        (call, arguments) -> refusal.errno(call, arguments, staging, staged.address());
    pager =
        new PagerContext(
            turns.exclusive(kernel),
            (int) PAGE,
            new FrameSupply(budget, 1, pause),
            new StagingRing(PAGES),
            staging,
            staged,
            arena.allocate(StreamTable.STREAMS * PAGE, PAGE),
            new StreamTable(PAGES, (index, page) -> false),
            new StreamTable(WriteFaults.MAX_RUN, (index, page) -> false),
            new Regions(),
            new Counters(),
            new StoreWatch(Long.MAX_VALUE / 2),
            pause,
            PAGES);
    core = new PagerCore(pager, arena);
    space = new WatchedSpace(RefusingUserfaultfd.userfaultfd(uffd, refuse));
    StateTable states = new StateTable(arena, PAGES, turns::point);
    region = memory.map(core, space, uffd, new Parts(states));
    pager.regions().add(region);
    space.add(region);
    writers = core.writers;
    evictor = core.evictor;
    flusher = core.flusher;
    paged = new PagedRegion(core, region);
  }

  private final class Parts implements ProgramMemory.Parts {
    private final StateTable states;

    Parts(StateTable states) {
      this.states = states;
    }

    @Override
    public long pages() {
      return PAGES;
    }

    @Override
    public MemorySegment page() {
      return arena.allocate(PAGE, PAGE);
    }

    @Override
    public MemoryFile watched(MemoryFile file) {
      return (MemoryFile)
          Proxy.newProxyInstance(
              MemoryFile.class.getClassLoader(),
              new Class<?>[] {MemoryFile.class},
              (proxy, method, arguments) -> {
                turns.point();
                return method.invoke(file, arguments);
              });
    }

    @Override
    public Region region(WatchedSpace watched, Backing backing, long address, long dataAddress) {
      FrameShare share = pager.frames().shares().common();
      return new Region(
          0, watched, backing, address, dataAddress, PAGES * PAGE, 12, store, states, share, true);
    }
  }

  /** Which calls of the kernel fail. */
  interface Refusal {
    Refusal NONE = (call, arguments, staging, staged) -> 0;

    /**
     * The errno with which a call fails; 0 if it is made.
     *
     * @param staging the address of the staging memory for MOVE
     * @param staged the same for COPY
     */
    int errno(String call, Object[] arguments, long staging, long staged);
  }

  // The pager's threads

  TwoPageProgram handlers(int count) {
    for (int i = 0; i < count; i++) {
      FaultHandler handler = core.newHandler(space);
      turns.add(
          "handler " + i,
          true,
          () -> {
            while (!turns.isOver()) {
              if (!handler.serveNext()) {
                turns.sleepUntil(
                    () -> turns.isOver() || SimulatedKernel.poll(uffd) == SimulatedKernel.POLLIN);
              }
            }
          });
    }
    return this;
  }

  TwoPageProgram writer() {
    return writers(1);
  }

  TwoPageProgram writers(int count) {
    for (int i = 0; i < count; i++) {
      StagedWriter writer = new StagedWriter(pager, writers);
      turns.add(
          "writer " + i,
          true,
          () -> {
            while (!turns.isOver()) {
              turns.sleepUntil(() -> turns.isOver() || pager.staging().hasUnclaimed());
              writer.writeOldest();
            }
          });
    }
    return this;
  }

  /** Evicts whatever it can, a number of times. */
  TwoPageProgram evictor(int times) {
    turns.add(
        "evictor",
        true,
        () -> {
          for (int i = 0; i < times && !turns.isOver(); i++) {
            turns.sleepUntil(() -> turns.isOver() || pager.frames().shares().runs() > 0);
            evictor.evictNext();
            turns.letOthersRun();
          }
        });
    return this;
  }

  /** Evicts when no frame is left. */
  TwoPageProgram evictorOnDemand() {
    turns.add(
        "evictor",
        true,
        () -> {
          while (!turns.isOver()) {
            turns.sleepUntil(
                () ->
                    turns.isOver()
                        || (pager.frames().budget().free() == 0 && pager.staging().isEmpty()));
            if (!evictor.evictNext()) {
              turns.letOthersRun();
            }
            turns.letOthersRun();
          }
        });
    return this;
  }

  // The application's threads

  /** One of {@link TwoPageActors}. */
  TwoPageProgram with(Consumer<TwoPageProgram> actor) {
    actor.accept(this);
    return this;
  }

  /** Stores to and loads from a word of each of some pages, one after the other. */
  TwoPageProgram guest(int word, int rounds, int... pages) {
    turns.add(
        "guest " + word + " of " + pages.length,
        false,
        () -> {
          for (int i = 0; i < rounds; i++) {
            for (int page : pages) {
              load(page, word);
              store(page, word);
              load(page, word);
            }
          }
        });
    return this;
  }

  /** Loads a word that nobody stores to: its page may stay clean. */
  TwoPageProgram reader(int rounds, int... pages) {
    turns.add(
        "reader",
        false,
        () -> {
          for (int i = 0; i < rounds; i++) {
            for (int page : pages) {
              assertThat(kernel.guestLoad(region.address(page) + PAGE - 8)).isZero();
            }
          }
        });
    return this;
  }

  /**
   * Removes pages from the page table of the application, which finds the same contents later:
   * whenever a clean page is mapped.
   */
  TwoPageProgram unmapper(int times) {
    turns.add(
        "unmapper",
        true,
        () -> {
          for (int i = 0; i < times && !turns.isOver(); i++) {
            turns.sleepUntil(() -> turns.isOver() || isCleanPageMapped());
            kernel.advise(region.address, PAGES * PAGE, Advice.DONT_NEED);
            turns.letOthersRun();
          }
        });
    return this;
  }

  private boolean isCleanPageMapped() {
    for (int i = 0; i < PAGES; i++) {
      if (region.states.state(i) == PageState.CLEAN && isPresent(region.address(i))) {
        return true;
      }
    }
    return false;
  }

  /** As {@link #guest}, by Java code that pins the pages. */
  TwoPageProgram java(int word, int rounds, int... pages) {
    turns.add(
        "java",
        false,
        () -> {
          try (PagedAccess access = paged.access()) {
            for (int i = 0; i < rounds; i++) {
              for (int page : pages) {
                long offset = page * PAGE + word * 8L;
                assertThat(access.getLong(offset)).isEqualTo(stored[page * WORDS + word]);
                access.putLong(offset, stored[page * WORDS + word] + 1);
                stored[page * WORDS + word]++;
                access.release();
              }
            }
          }
        });
    return this;
  }

  /** What was stored before a flush is in the store after it, and stays there. */
  TwoPageProgram flusher(int times) {
    turns.add(
        "flusher",
        false,
        () -> {
          for (int i = 0; i < times; i++) {
            flush(0, PAGES);
          }
        });
    return this;
  }

  void flush(int first, int end) {
    long[] before = stored.clone();
    try {
      flusher.flush(region, first, end);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    for (int word = first * WORDS; word < end * WORDS; word++) {
      promised[word] = Math.max(promised[word], before[word]);
    }
  }

  /** Stores to a word, discards its page, and finds zeros. */
  TwoPageProgram discarder(int page, int times) {
    turns.add(
        "discarder",
        false,
        () -> {
          for (int i = 0; i < times; i++) {
            store(page, 0);
            discard(page);
            load(page, 0);
          }
        });
    return this;
  }

  void discard(int page) {
    Arrays.fill(stored, page * WORDS, (page + 1) * WORDS, 0);
    forgetPromises(page);
    paged.discard(page * PAGE, PAGE);
    forgetPromises(page); // of a flush that had begun before
  }

  private void forgetPromises(int page) {
    Arrays.fill(promised, page * WORDS, (page + 1) * WORDS, 0);
  }

  void load(int page, int word) {
    long found = kernel.guestLoad(region.address(page) + word * 8L);
    if (found != stored[page * WORDS + word]) {
      throw new AssertionError(
          "page " + page + " word " + word + ": " + found + ", not " + stored[page * WORDS + word]);
    }
  }

  void store(int page, int word) {
    long value = stored[page * WORDS + word] + 1;
    kernel.guestStore(region.address(page) + word * 8L, value);
    stored[page * WORDS + word] = value;
  }

  // What must hold

  /** At every point. */
  private void checkMemory() {
    int present = 0;
    for (int i = 0; i < PAGES; i++) {
      present += isPresent(region.address(i)) ? 1 : 0;
      present += isPresent(pager.stagingAddress(i)) ? 1 : 0;
    }
    if (present > pager.frames().budget().total() + memory.headroom) {
      throw new AssertionError(present + " pages in memory");
    }
    for (int i = 0; i < promised.length; i++) {
      if (inStore(i) < promised[i]) {
        throw new AssertionError(
            "word " + i + ": " + inStore(i) + " after flush of " + promised[i]);
      }
    }
  }

  /** Whether a page is mapped; a marker that it was write-protected does not count. */
  private boolean isPresent(long address) {
    return pagemap.scan(address, address + PAGE, PRESENT, new PageRegions(2)) > 0;
  }

  private long inStore(int index) {
    int offset = (int) (index / WORDS * PAGE) + index % WORDS * 8;
    return MemorySegment.ofArray(store.bytes).get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
  }

  /** Runs to the end, and checks what is left; returns the number of points. */
  int run() throws InterruptedException, IOException {
    int points = turns.run();
    StagedWriter writer = new StagedWriter(pager, writers);
    while (writer.writeOldest()) {
      // until the ring is empty
    }
    atEnd.forEach(Runnable::run);
    paged.clearErrors();
    if (pager.regions().get(0) == null) {
      assertThat(pager.frames().budget().used()).as("frames of a closed region").isZero();
    } else {
      checkRegion();
    }
    for (int i = 0; i < stored.length; i++) {
      assertThat(inStore(i)).as("word " + i + " in the store").isEqualTo(stored[i]);
    }
    return points;
  }

  private void checkRegion() throws IOException {
    int resident = 0;
    for (int i = 0; i < PAGES; i++) {
      int state = region.states.state(i);
      assertThat(PageState.isResident(state) || state == PageState.ABSENT)
          .as("page " + i + ": " + region.states.describe(i))
          .isTrue();
      if (memory == ProgramMemory.PRIVATE || !PageState.isResident(state)) { // else maybe unmapped
        assertThat(isPresent(region.address(i))).isEqualTo(PageState.isResident(state));
      }
      assertThat(isPresent(pager.stagingAddress(i))).as("slot " + i).isFalse();
      assertThat(region.states.pins(i)).isZero();
      resident += PageState.isResident(state) ? 1 : 0;
    }
    assertThat(pager.frames().budget().used()).as("frames").isEqualTo(resident);
    assertThat(region.share.budget().used()).as("frames of the share").isEqualTo(resident);
    flusher.flush(region, 0, PAGES);
  }

  long count(Counter counter) {
    return pager.counters().get(counter);
  }

  @Override
  public void close() {
    pagemap.close();
    uffd.close();
    kernel.exit();
    arena.close();
  }
}
