package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;

/** A region with nothing sent, expected or hot. */
final class FakeScanRegion implements ScanRegion {
  private static final long BASE_PAGE_BYTES = 4096;

  private final int unitPages;
  private final int unitsPerPage;
  private final PageBitmap sent;
  private final PageBitmap expected;
  private final PageBitmap[] hot = new PageBitmap[HOT_GENERATIONS];

  /** Of base pages. */
  FakeScanRegion(int basePages) {
    this(basePages, 1, 1);
  }

  FakeScanRegion(int basePages, int unitPages, int unitsPerPage) {
    this.unitPages = unitPages;
    this.unitsPerPage = unitsPerPage;
    sent = new PageBitmap(basePages / unitPages);
    expected = new PageBitmap(sent.pageCount());
    for (int i = 0; i < hot.length; i++) {
      hot[i] = new PageBitmap(sent.pageCount());
    }
  }

  @Override
  public PageBitmap sent() {
    return sent;
  }

  @Override
  public PageBitmap hot(int generation) {
    return hot[generation];
  }

  @Override
  public PageBitmap expected() {
    return expected;
  }

  @Override
  public int unitPages() {
    return unitPages;
  }

  @Override
  public long unitBytes() {
    return unitPages * BASE_PAGE_BYTES;
  }

  @Override
  public int unitsPerPage() {
    return unitsPerPage;
  }
}
