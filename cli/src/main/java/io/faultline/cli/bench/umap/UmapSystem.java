package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.cli.bench.result.BenchCase.UnfinishedException;
import io.faultline.cli.options.ByteSize;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * umap itself.
 *
 * @param pageBytes its page size, which its user chooses
 */
record UmapSystem(long pageBytes) implements PagedSystem {
  /** With fewer, it reads outside of its table of pages while it evicts, and may crash. */
  private static final int LEAST_PAGES = 64;

  @Override
  public String suffix() {
    return "-umap-" + new ByteSize(pageBytes);
  }

  @Override
  public String title() {
    return pageBytes < 1 << 20
        ? "umap, " + (pageBytes >> 10) + " KiB pages"
        : "umap, " + (pageBytes >> 20) + " MiB pages";
  }

  @Override
  public String byHand(UmapSettings.Size size) {
    return "UMAP_PAGESIZE=" + pageBytes + " UMAP_BUFSIZE=" + size.bufferBytes() / pageBytes;
  }

  @Override
  public MeasuredProgram.Result run(UmapLab lab, PagedProgram program, Duration limit)
      throws IOException, InterruptedException, CannotRunException, UnfinishedException {
    long pages = program.size().bufferBytes() / pageBytes;
    if (pages < LEAST_PAGES) {
      throw new CannotRunException(
          "umap needs a buffer of " + LEAST_PAGES + " of its pages, not " + pages);
    }
    Map<String, String> environment =
        Map.of(
            "LD_LIBRARY_PATH", lab.build().libraryDirectory().toString(),
            "UMAP_PAGESIZE", Long.toString(pageBytes),
            "UMAP_BUFSIZE", Long.toString(pages));
    return lab.run(
        new MeasuredProgram(
            program.command(pageBytes), environment, Optional.empty(), program.uncachedFile()),
        limit);
  }
}
