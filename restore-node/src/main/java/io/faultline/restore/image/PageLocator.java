package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the contents of pages: in the pages file of a dump, in that of an earlier dump, or only at
 * the source. Reads the pagemaps of earlier dumps when it first needs them. Used by one thread.
 */
final class PageLocator {
  private final List<Pagemap> generations = new ArrayList<>();
  private final ImageDirectory directory;
  private final String name;
  private final PageExtents.Builder extents = new PageExtents.Builder();

  /** The bytes that the pages file of each generation must have. */
  private final List<Long> neededBytes = new ArrayList<>();

  /**
   * @param name of the pagemap file, the same in all directories
   */
  private PageLocator(ImageDirectory directory, String name, Pagemap pagemap) {
    this.directory = directory;
    this.name = name;
    add(pagemap);
  }

  /**
   * Locates the pages of a pagemap.
   *
   * @param flag the flag that an entry must have; 0 for all entries
   */
  static PageExtents locate(ImageDirectory directory, String name, Pagemap pagemap, int flag)
      throws ImageException {
    PageLocator locator = new PageLocator(directory, name, pagemap);
    for (int entry = 0; entry < pagemap.count(); entry++) {
      if (flag == 0 || pagemap.has(entry, flag)) {
        locator.add(0, entry, pagemap.startOf(entry), pagemap.endOf(entry));
      }
    }
    locator.checkFiles();
    return locator.extents.build();
  }

  private void add(Pagemap pagemap) {
    generations.add(pagemap);
    neededBytes.add(0L);
  }

  /** Adds the part of an entry between two addresses. */
  private void add(int generation, int entry, long from, long to) throws ImageException {
    Pagemap pagemap = generations.get(generation);
    if (pagemap.has(entry, PageFlags.PRESENT)) {
      long offset = pagemap.offsetOf(entry) + (from - pagemap.startOf(entry));
      int file = extents.file(pagemap.pagesFile());
      extents.add(from, (to - from) / PAGE_BYTES, file, offset);
      long needed = Math.max(neededBytes.get(generation), offset + (to - from));
      neededBytes.set(generation, needed);
    } else if (pagemap.has(entry, PageFlags.PARENT)) {
      addFromParent(generation + 1, from, to);
    } else if (generation == 0) {
      extents.add(from, (to - from) / PAGE_BYTES, PageExtents.AT_SOURCE, 0);
    } else {
      throw ImageException.damaged(
          pagemap.file(),
          String.format("the contents of the pages from 0x%x on were never transferred", from));
    }
  }

  private void addFromParent(int generation, long from, long to) throws ImageException {
    Pagemap parent = generation(generation, from);
    long at = from;
    for (int entry = parent.firstAfter(from); at < to; entry++) {
      if (entry == parent.count() || parent.startOf(entry) > at) {
        throw ImageException.damaged(
            parent.file(),
            String.format(
                "has no page at 0x%x, which %s expects here",
                at, generations.get(generation - 1).file()));
      }
      long end = Math.min(to, parent.endOf(entry));
      add(generation, entry, at, end);
      at = end;
    }
  }

  private Pagemap generation(int generation, long address) throws ImageException {
    if (generation < generations.size()) {
      return generations.get(generation);
    }
    ImageDirectory parent = directory.ancestor(generation);
    Pagemap pagemap = parent == null ? null : parent.pagemap(name);
    if (pagemap == null) {
      throw new ImageException(
          generations.get(generation - 1).file(),
          String.format("the pages at 0x%x are in the images of the dump before", address),
          "copy these images too, with the link \"" + ImageDirectory.PARENT + "\" to them");
    }
    add(pagemap);
    return pagemap;
  }

  private void checkFiles() throws ImageException {
    for (int i = 0; i < generations.size(); i++) {
      if (neededBytes.get(i) > 0) {
        check(generations.get(i).pagesFile(), neededBytes.get(i));
      }
    }
  }

  private static void check(Path file, long neededBytes) throws ImageException {
    try {
      long bytes = Files.size(file);
      if (bytes < neededBytes) {
        throw ImageException.damaged(
            file, "is truncated: " + bytes + " bytes instead of at least " + neededBytes);
      }
    } catch (NoSuchFileException e) {
      throw ImageReader.missing(file, e);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw ImageReader.unreadable(file, e);
    }
  }
}
