package io.faultline.uffd.simulated.process;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * What the pages of one process must contain, whatever is filled when. While a call changes a page,
 * both its old and its new content are right; a load that overlaps such calls may see any content
 * that was right meanwhile.
 *
 * <p>Confined to the running task.
 */
final class ExpectedMemory {
  static final long PAGE = 4096;

  /** A page's content, and the mapping that it is a part of. */
  private record Page(PageContent content, long mapping) {}

  private final SortedMap<Long, Page> pages;
  private final Map<Long, PageContent> changing = new TreeMap<>();
  private final List<Load> loads = new ArrayList<>();
  private long lastMapping;

  ExpectedMemory() {
    this(new TreeMap<>(), 0);
  }

  private ExpectedMemory(SortedMap<Long, Page> pages, long lastMapping) {
    this.pages = pages;
    this.lastMapping = lastMapping;
  }

  /** The memory of a forked child. No change may be in progress. */
  ExpectedMemory forked() {
    return new ExpectedMemory(new TreeMap<>(pages), lastMapping);
  }

  /** All page addresses that were ever used, ascending. */
  List<Long> used() {
    return List.copyOf(pages.keySet());
  }

  boolean wasUsed(long address) {
    return pages.containsKey(address);
  }

  PageContent at(long address) {
    Page page = pages.get(address);
    return page == null ? PageContent.NOTHING : page.content();
  }

  /** The end of the pages from an address on that are parts of the same mapping. */
  long mappingEnd(long address) {
    long end = address;
    Page first = pages.get(address);
    while (first != null && isPartOf(first.mapping(), end)) {
      end += PAGE;
    }
    return end;
  }

  private boolean isPartOf(long mapping, long address) {
    Page page = pages.get(address);
    return page != null && page.content().isMapped() && page.mapping() == mapping;
  }

  /** A mapping of its own, for {@link #set}. */
  long newMapping() {
    return ++lastMapping;
  }

  /** Sets a page without a call of the process. */
  void set(long address, PageContent content, long mapping) {
    pages.put(address, new Page(content, mapping));
  }

  /** A call begins that will change the contents of a range. */
  void begin(long start, long end, LongFunction<PageContent> content) {
    for (long at = start; at < end; at += PAGE) {
      PageContent next = content.apply(at);
      changing.put(at, next);
      for (Load load : loads) {
        load.add(at, next);
      }
    }
  }

  /**
   * All calls that have begun are done; a mapping number below 0 leaves the mappings as they are.
   */
  void commit(long start, long end, long mapping) {
    for (long at = start; at < end; at += PAGE) {
      PageContent content = changing.remove(at);
      Page old = pages.get(at);
      if (content != null) {
        set(at, content, mapping < 0 && old != null ? old.mapping() : mapping);
      }
    }
  }

  /** A load of a page begins. */
  Load load(long address) {
    Load load = new Load(address);
    load.add(address, at(address));
    PageContent next = changing.get(address);
    if (next != null) {
      load.add(address, next);
    }
    loads.add(load);
    return load;
  }

  /** A load in progress: the contents that it may see. */
  final class Load {
    private final long address;
    private final Set<PageContent> possible = new HashSet<>();

    private Load(long address) {
      this.address = address;
    }

    private void add(long changed, PageContent content) {
      if (changed == address) {
        possible.add(content);
      }
    }

    /** The load found nothing mapped. */
    void endUnmapped() {
      loads.remove(this);
      if (!possible.contains(PageContent.NOTHING)) {
        throw new AssertionError(describe() + " is not mapped");
      }
    }

    /** The load has read a word. */
    void end(DumpContents dump, int index, long value) {
      loads.remove(this);
      for (PageContent each : possible) {
        if (each.isMapped() && each.word(dump, index) == value) {
          return;
        }
      }
      throw new AssertionError(describe() + String.format(": word %d is 0x%x", index, value));
    }

    private String describe() {
      return String.format("page 0x%x, which must contain one of %s", address, possible);
    }
  }
}
