package io.faultline.uffd.simulated.process;

import static io.faultline.uffd.simulated.process.ExpectedMemory.PAGE;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.Random;

/**
 * A random program: loads, stores, drops, moves, unmaps, maps and forks, and checks what it loads.
 * Confined to its task.
 */
final class MemoryProgram {
  private static final int MAX_PAGES = 12;

  private final SimulatedKernel kernel;
  private final ExpectedMemory memory;
  private final DumpContents dump;
  private final Random random;

  MemoryProgram(SimulatedKernel kernel, ExpectedMemory memory, DumpContents dump, Random random) {
    this.kernel = kernel;
    this.memory = memory;
    this.dump = dump;
    this.random = random;
  }

  /** Loads a random page, and checks what it contains. */
  void load() {
    long page = anyPage();
    int index = random.nextInt(DumpContents.WORDS);
    load(page, random.nextBoolean() ? PageContent.STORED_WORD : index);
  }

  private void load(long page, int index) {
    ExpectedMemory.Load load = memory.load(page);
    try {
      load.end(dump, index, kernel.guestLoad(page + (long) index * Long.BYTES));
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EFAULT) {
        throw e;
      }
      load.endUnmapped();
    }
  }

  /** Loads every page. */
  void loadAll() {
    for (long page : memory.used()) {
      if (memory.at(page).isMapped()) {
        load(page, PageContent.STORED_WORD);
        load(page, 0);
      }
    }
  }

  /** Does one operation other than a fork. */
  void operate() {
    int choice = random.nextInt(100);
    if (choice < 35) {
      load();
      return;
    }
    long start = anyPage();
    long end = memory.mappingEnd(start);
    if (end == start) {
      mapZeros(start);
      return;
    }
    end = Math.min(end, start + (1 + random.nextInt(MAX_PAGES)) * PAGE);
    if (choice < 55) {
      store(start);
    } else if (choice < 68) {
      drop(start, end);
    } else if (choice < 76) {
      move(start, end);
    } else if (choice < 86) {
      moveOnto(start, end);
    } else if (choice < 92) {
      unmap(start, end);
    } else if (choice < 96) {
      mapZeros(start);
    } else {
      split(start, end);
    }
  }

  private void store(long page) {
    long value = random.nextLong() | 1;
    PageContent content = memory.at(page).withStored(value);
    memory.begin(page, page + PAGE, at -> content);
    kernel.guestStore(page + PageContent.STORED_WORD * (long) Long.BYTES, value);
    memory.commit(page, page + PAGE, -1);
  }

  private void drop(long start, long end) {
    memory.begin(start, end, at -> PageContent.ZERO);
    kernel.advise(start, end - start, Advice.DONT_NEED);
    memory.commit(start, end, -1);
  }

  /** Moves a range to addresses that are new. */
  private void move(long start, long end) {
    PageContent[] moved = contents(start, end);
    memory.begin(start, end, at -> PageContent.NOTHING);
    long target = kernel.remap(start, end - start);
    long length = end - start;
    memory.begin(target, target + length, at -> moved[(int) ((at - target) / PAGE)]);
    memory.commit(start, end, -1);
    memory.commit(target, target + length, memory.newMapping());
  }

  /** Moves a range to addresses that were used before, over what is mapped there now. */
  private void moveOnto(long start, long end) {
    long length = end - start;
    long target = anyPage();
    boolean overlaps = start < target + length && target < end;
    if (overlaps || !wasUsed(target, length)) {
      return;
    }
    PageContent[] moved = contents(start, end);
    // in between, nothing is mapped at the target
    memory.begin(target, target + length, at -> PageContent.NOTHING);
    memory.begin(target, target + length, at -> moved[(int) ((at - target) / PAGE)]);
    memory.begin(start, end, at -> PageContent.NOTHING);
    kernel.remap(start, length, target);
    memory.commit(target, target + length, memory.newMapping());
    memory.commit(start, end, -1);
  }

  private void unmap(long start, long end) {
    memory.begin(start, end, at -> PageContent.NOTHING);
    kernel.unmap(start, end - start);
    memory.commit(start, end, -1);
  }

  /** Maps zeros, unregistered, over addresses that were used before. */
  private void mapZeros(long start) {
    long length = (1 + random.nextInt(MAX_PAGES)) * PAGE;
    if (wasUsed(start, length)) {
      memory.begin(start, start + length, at -> PageContent.NOTHING);
      memory.begin(start, start + length, at -> PageContent.ZERO);
      kernel.replaceByZeros(start, length);
      memory.commit(start, start + length, memory.newMapping());
    }
  }

  /** Splits a mapping without an event, so that a fill cannot cross the borders of the range. */
  private void split(long start, long end) {
    boolean huge = random.nextBoolean();
    kernel.advise(start, end - start, huge ? Advice.HUGE_PAGE : Advice.NO_HUGE_PAGE);
    memory.begin(start, end, memory::at);
    memory.commit(start, end, memory.newMapping());
    long rest = memory.mappingEnd(end);
    if (rest > end) {
      memory.begin(end, rest, memory::at);
      memory.commit(end, rest, memory.newMapping());
    }
  }

  private PageContent[] contents(long start, long end) {
    PageContent[] contents = new PageContent[(int) ((end - start) / PAGE)];
    for (int i = 0; i < contents.length; i++) {
      contents[i] = memory.at(start + i * PAGE);
    }
    return contents;
  }

  private boolean wasUsed(long start, long lengthBytes) {
    for (long at = start; at < start + lengthBytes; at += PAGE) {
      if (!memory.wasUsed(at)) {
        return false;
      }
    }
    return true;
  }

  private long anyPage() {
    List<Long> used = memory.used();
    return used.get(random.nextInt(used.size()));
  }
}
