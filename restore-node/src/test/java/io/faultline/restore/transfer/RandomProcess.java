package io.faultline.restore.transfer;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/**
 * A process that knows nothing of its lazy memory: it loads, stores, drops, moves and unmaps pages
 * and forks, and knows what each word must be.
 */
final class RandomProcess {
  private static final int WORDS = PAGE_BYTES / Long.BYTES;

  private final Kernel kernel;
  private final Random random;
  private final String name;

  /** The mappings: start → end. */
  private final NavigableMap<Long, Long> mappings;

  /** What each mapped page contains. */
  private final Map<Long, Contents> pages;

  private final List<Thread> children = new ArrayList<>();
  private final List<Throwable> failures;

  /**
   * @param page of the dump; -1: zeros
   * @param stores words that were stored since
   */
  private record Contents(long page, Map<Integer, Long> stores) {
    Contents copy() {
      return new Contents(page, new HashMap<>(stores));
    }

    long word(int index) {
      return stores.getOrDefault(index, page < 0 ? 0 : RandomProcess.word(page, index));
    }
  }

  private RandomProcess(
      Kernel kernel,
      Random random,
      String name,
      NavigableMap<Long, Long> mappings,
      Map<Long, Contents> pages,
      List<Throwable> failures) {
    this.kernel = kernel;
    this.random = random;
    this.name = name;
    this.mappings = mappings;
    this.pages = pages;
    this.failures = failures;
  }

  RandomProcess(Kernel kernel, Random random, String name, List<Throwable> failures) {
    this(kernel, random, name, new TreeMap<>(), new HashMap<>(), failures);
  }

  /** Word {@code index} of a page of the dump: 0 in runs of three pages, else not. */
  static long word(long page, int index) {
    if (page / 3 % 5 == 0) {
      return 0;
    }
    return (page + 1) << 32 | index;
  }

  /** Writes a page of the dump. */
  static void write(long page, MemorySegment into) {
    for (int i = 0; i < WORDS; i++) {
      into.setAtIndex(ValueLayout.JAVA_LONG, i, word(page, i));
    }
  }

  /**
   * Adds memory.
   *
   * @param pageAt returns the page of the dump at an address; -1 for none
   */
  void add(long start, long pageCount, LongUnaryOperator pageAt) {
    mappings.put(start, start + pageCount * PAGE_BYTES);
    for (long i = 0; i < pageCount; i++) {
      long address = start + i * PAGE_BYTES;
      pages.put(address, new Contents(pageAt.applyAsLong(address), new HashMap<>()));
    }
  }

  /** Runs random steps, then checks everything, and waits for its children. */
  void run(int steps) throws InterruptedException {
    for (int i = 0; i < steps && !mappings.isEmpty(); i++) {
      step(steps - i);
    }
    for (long address : new ArrayList<>(pages.keySet())) {
      load(address, random.nextInt(WORDS));
      load(address, random.nextInt(WORDS));
    }
    for (Thread child : children) {
      child.join();
    }
  }

  private void step(int left) {
    long[] range = someRange();
    switch (random.nextInt(10)) {
      case 0 -> drop(range[0], range[1]);
      case 1 -> move(range[0], range[1]);
      case 2 -> {
        if (random.nextInt(4) == 0) {
          unmap(range[0], range[1]);
        }
      }
      case 3 -> {
        if (kernel instanceof SimulatedKernel && children.size() < 2 && random.nextInt(3) == 0) {
          fork(left);
        }
      }
      case 4, 5 -> store(range[0], random.nextInt(WORDS));
      default -> load(range[0], random.nextInt(WORDS));
    }
  }

  /** A part of a mapping: its start and end. */
  private long[] someRange() {
    List<Map.Entry<Long, Long>> all = new ArrayList<>(mappings.entrySet());
    Map.Entry<Long, Long> mapping = all.get(random.nextInt(all.size()));
    int count = (int) ((mapping.getValue() - mapping.getKey()) / PAGE_BYTES);
    int first = random.nextInt(count);
    int length = 1 + random.nextInt(Math.min(12, count - first));
    long start = mapping.getKey() + (long) first * PAGE_BYTES;
    return new long[] {start, start + (long) length * PAGE_BYTES};
  }

  private void load(long address, int index) {
    Contents contents = contents(address);
    long found = kernel.guestLoad(address + index * 8L);
    assertThat(found)
        .as("%s: word %d of the page at 0x%x, %s", name, index, address, contents)
        .isEqualTo(contents.word(index));
  }

  private void store(long address, int index) {
    long value = random.nextLong();
    kernel.guestStore(address + index * 8L, value);
    contents(address).stores.put(index, value);
  }

  private Contents contents(long address) {
    Contents contents = pages.get(address);
    assertThat(contents).as("%s: the page at 0x%x", name, address).isNotNull();
    return contents;
  }

  private void drop(long start, long end) {
    kernel.advise(start, end - start, Advice.DONT_NEED);
    for (long at = start; at < end; at += PAGE_BYTES) {
      pages.put(at, new Contents(-1, new HashMap<>()));
    }
  }

  private void move(long start, long end) {
    long to = kernel.remap(start, end - start);
    cut(start, end);
    mappings.put(to, to + (end - start));
    for (long at = start; at < end; at += PAGE_BYTES) {
      pages.put(at - start + to, pages.remove(at));
    }
  }

  private void unmap(long start, long end) {
    kernel.unmap(start, end - start);
    cut(start, end);
    for (long at = start; at < end; at += PAGE_BYTES) {
      pages.remove(at);
    }
  }

  private void cut(long start, long end) {
    Map.Entry<Long, Long> mapping = mappings.floorEntry(start);
    mappings.remove(mapping.getKey());
    if (mapping.getKey() < start) {
      mappings.put(mapping.getKey(), start);
    }
    if (end < mapping.getValue()) {
      mappings.put(end, mapping.getValue());
    }
  }

  private void fork(int steps) {
    Kernel childKernel = ((SimulatedKernel) kernel).fork();
    Map<Long, Contents> childPages = new HashMap<>();
    pages.forEach((address, contents) -> childPages.put(address, contents.copy()));
    RandomProcess child =
        new RandomProcess(
            childKernel,
            new Random(random.nextLong()),
            name + "." + children.size(),
            new TreeMap<>(mappings),
            childPages,
            failures);
    children.add(start(child, steps));
  }

  /** Runs a process on a thread of its own. */
  static Thread start(RandomProcess process, int steps) {
    return Thread.ofPlatform()
        .daemon()
        .name(process.name)
        .start(
            () -> {
              try {
                process.run(steps);
              } catch (Throwable t) {
                synchronized (process.failures) {
                  process.failures.add(t);
                }
              }
            });
  }
}
