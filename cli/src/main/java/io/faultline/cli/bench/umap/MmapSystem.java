package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.cli.bench.result.BenchCase.UnfinishedException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The kernel: the file is mapped, and a memory cgroup has the size of the buffer and a little for
 * the program itself. The programs do not write back at their end, as the others do: what is dirty
 * then is not part of the run.
 *
 * @param random whether the kernel is told that accesses are random
 */
record MmapSystem(boolean random) implements PagedSystem {
  /** For the program's own memory and page tables. */
  private static final long SLACK_BYTES = 32L << 20;

  @Override
  public String suffix() {
    return random ? "-mmap-random" : "-mmap";
  }

  @Override
  public String title() {
    return random ? "mmap, MADV_RANDOM" : "mmap";
  }

  @Override
  public String option() {
    return "--usemmap";
  }

  @Override
  public String byHand(UmapSettings.Size size) {
    String preload = random ? " LD_PRELOAD=random_mmap.so" : "";
    return "(in a memory cgroup of " + (size.bufferBytes() + SLACK_BYTES) + " bytes)" + preload;
  }

  @Override
  public MeasuredProgram.Result run(UmapLab lab, PagedProgram program, Duration limit)
      throws IOException, InterruptedException, CannotRunException, UnfinishedException {
    Map<String, String> environment = new HashMap<>();
    environment.put("LD_LIBRARY_PATH", lab.build().libraryDirectory().toString());
    environment.put("UMAP_PAGESIZE", Long.toString(PAGE_BYTES));
    if (random) {
      environment.put("LD_PRELOAD", lab.programs().randomMmap().toString());
    }
    try (MemoryCgroup cgroup = MemoryCgroup.create(program.size().bufferBytes() + SLACK_BYTES)) {
      return lab.run(
          new MeasuredProgram(
              program.command(PAGE_BYTES),
              environment,
              Optional.of(cgroup.directory()),
              program.uncachedFile()),
          limit);
    }
  }
}
