package io.faultline.uffd.simulated.process;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The simplest filler that is right: per address space a map from addresses to missing pages of the
 * dump; replies come late, in any order. With a {@link Mistake} it is wrong.
 */
final class ReferenceFiller implements AutoCloseable {
  private static final long PAGE = 4096;

  /** What a filler can get wrong. */
  enum Mistake {
    NONE,
    IGNORES_REMOVE,
    IGNORES_REMAP,
    IGNORES_UNMAP,
    FILLS_WHERE_IT_WAS_ASKED,
    FORGETS_FILLS_THAT_RETURN_EAGAIN,
    DOES_NOT_WAKE_WHERE_NOTHING_IS_MAPPED,
    FORGETS_FAULTS_WHOSE_PAGE_MOVED,
    CHILD_OF_A_FORK_HAS_NOTHING_MISSING
  }

  /** One address space. */
  private static final class Space {
    private final Userfaultfd uffd;
    private final NavigableMap<Long, Long> missing;
    private final TreeSet<Long> faults = new TreeSet<>();
    private boolean gone;

    Space(Userfaultfd uffd, NavigableMap<Long, Long> missing) {
      this.uffd = uffd;
      this.missing = missing;
    }
  }

  private final Mistake mistake;
  private final DumpContents dump;
  private final Random random;
  private final List<Space> spaces = new ArrayList<>();
  private final EventBuffer events = new EventBuffer(4);
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment page = arena.allocate(PAGE, 8);

  /** Requests without a reply: the page of the dump, and the address for which it was asked. */
  private final NavigableMap<Long, Long> requested = new TreeMap<>();

  ReferenceFiller(Mistake mistake, DumpContents dump, long seed) {
    this.mistake = mistake;
    this.dump = dump;
    this.random = new Random(seed);
  }

  void add(RestoredProcess restored) {
    NavigableMap<Long, Long> missing = new TreeMap<>();
    for (RestoredProcess.LazyRange range : restored.lazy()) {
      for (int i = 0; i < range.pages(); i++) {
        missing.put(range.address() + i * PAGE, range.address() + i * PAGE);
      }
    }
    spaces.add(new Space(restored.userfaultfd(), missing));
  }

  boolean isFinished() {
    return spaces.stream().allMatch(space -> space.gone || space.missing.isEmpty());
  }

  /** Reads all events, then resolves faults, then delivers a reply or asks for another page. */
  void turn() {
    for (int i = 0; i < spaces.size(); i++) { // grows by forks
      Space space = spaces.get(i);
      while (space.uffd.read(events) > 0) {
        for (int event = 0; event < events.size(); event++) {
          apply(space, event);
        }
      }
      resolve(space);
    }
    if (!requested.isEmpty() && random.nextInt(3) > 0) {
      deliver(anyOf(requested));
    } else {
      requestAny();
    }
  }

  private void apply(Space space, int event) {
    switch (events.type(event)) {
      case PAGE_FAULT -> space.faults.add(events.address(event));
      case FORK -> fork(space, events.forkedDescriptor(event));
      case REMAP -> {
        if (mistake != Mistake.IGNORES_REMAP) {
          move(space, events.remapFrom(event), events.remapTo(event), events.remapLength(event));
        }
      }
      case REMOVE -> {
        if (mistake != Mistake.IGNORES_REMOVE) {
          space.missing.subMap(events.rangeStart(event), events.rangeEnd(event)).clear();
        }
      }
      case UNMAP -> {
        if (mistake != Mistake.IGNORES_UNMAP) {
          space.missing.subMap(events.rangeStart(event), events.rangeEnd(event)).clear();
        }
      }
    }
  }

  private void fork(Space parent, int descriptor) {
    boolean forgets = mistake == Mistake.CHILD_OF_A_FORK_HAS_NOTHING_MISSING;
    NavigableMap<Long, Long> missing = forgets ? new TreeMap<>() : new TreeMap<>(parent.missing);
    spaces.add(new Space(parent.uffd.adoptForked(descriptor), missing));
  }

  private static void move(Space space, long from, long to, long length) {
    Map<Long, Long> old = space.missing.subMap(from, from + length);
    TreeMap<Long, Long> moved = new TreeMap<>();
    old.forEach((address, dumped) -> moved.put(address - from + to, dumped));
    old.clear();
    space.missing.putAll(moved);
  }

  private void resolve(Space space) {
    for (long fault : List.copyOf(space.faults)) {
      Long dumped = space.missing.get(fault);
      if (dumped != null) {
        requested.putIfAbsent(dumped, fault);
        if (mistake == Mistake.FORGETS_FAULTS_WHOSE_PAGE_MOVED) {
          space.faults.remove(fault); // the page may move away before the reply
        }
      } else if (isSettled(space, fault, space.uffd.zeroPage(fault, PAGE, FillMode.WAKE))) {
        space.faults.remove(fault);
      }
    }
  }

  private void deliver(long dumped) {
    dump.write(dumped, page);
    boolean settled = true;
    long asked = Objects.requireNonNull(requested.get(dumped));
    for (Space space : spaces) {
      for (long address : List.copyOf(space.missing.keySet())) {
        if (space.missing.getOrDefault(address, -1L) == dumped) {
          boolean wrong = mistake == Mistake.FILLS_WHERE_IT_WAS_ASKED;
          long at = wrong ? asked : address;
          long result = space.uffd.copy(at, page.address(), PAGE, FillMode.WAKE);
          if (isSettled(space, at, result)) {
            space.missing.remove(address);
            space.faults.remove(address);
          } else {
            settled = false;
          }
        }
      }
    }
    if (settled) {
      requested.remove(dumped);
    }
  }

  /** Whether nothing is left to do for a page after a fill. */
  private boolean isSettled(Space space, long address, long result) {
    switch (FillResult.errno(result)) {
      case 0 -> {
        return true;
      }
      case Errno.EAGAIN -> {
        return mistake == Mistake.FORGETS_FILLS_THAT_RETURN_EAGAIN;
      }
      case Errno.EEXIST -> space.uffd.wake(address, PAGE);
      case Errno.ENOENT -> {
        if (mistake != Mistake.DOES_NOT_WAKE_WHERE_NOTHING_IS_MAPPED) {
          space.uffd.wake(address, PAGE);
        }
      }
      case Errno.ESRCH -> {
        space.gone = true;
        space.missing.clear();
        space.faults.clear();
      }
      default -> throw new AssertionError(FillResult.describe(result));
    }
    return true;
  }

  private void requestAny() {
    Space space = spaces.get(random.nextInt(spaces.size()));
    if (!space.missing.isEmpty()) {
      long address = anyOf(space.missing);
      requested.putIfAbsent(space.missing.get(address), address);
    }
  }

  private long anyOf(NavigableMap<Long, Long> map) {
    Long found =
        map.ceilingKey(map.firstKey() + random.nextLong(map.lastKey() - map.firstKey() + 1));
    return found == null ? map.lastKey() : found;
  }

  @Override
  public void close() {
    spaces.forEach(space -> space.uffd.close());
  }
}
