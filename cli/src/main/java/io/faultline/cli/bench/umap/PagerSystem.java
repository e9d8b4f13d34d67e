package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase.UnfinishedException;
import io.faultline.cli.options.ByteSize;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * This project's pager, in a process of its own, which is started before the clock is. Its CPU time
 * and its bytes count, from when it is ready until the program has ended.
 */
record PagerSystem() implements PagedSystem {
  @Override
  public String suffix() {
    return "";
  }

  @Override
  public String title() {
    return "Faultline";
  }

  @Override
  public String byHand(UmapSettings.Size size) {
    return "faultline pager --socket=S --store-root=DIR --buffer="
        + new ByteSize(size.bufferBytes())
        + " & FAULTLINE_PAGER_SOCKET=S LD_PRELOAD=libumap.so";
  }

  @Override
  public MeasuredProgram.Result run(UmapLab lab, PagedProgram program, Duration limit)
      throws IOException, InterruptedException, UnfinishedException {
    try (PagerProcess pager =
        PagerProcess.start(lab.scratch(), lab.data(), program.size().bufferBytes())) {
      PagerProcess.Counters before = pager.counters();
      Map<String, String> environment =
          Map.of(
              "LD_PRELOAD", lab.programs().shim().toString(),
              "FAULTLINE_PAGER_SOCKET", pager.socket().toString());
      MeasuredProgram.Result result =
          lab.run(
              new MeasuredProgram(
                  program.command(PAGE_BYTES),
                  environment,
                  Optional.empty(),
                  program.uncachedFile()),
              limit);
      PagerProcess.Counters taken = pager.counters().minus(before);
      if (taken.readBytes() + taken.writtenBytes() == 0) {
        throw new IOException(
            "the program has not used the pager: link it with libumap.so, and not with a static"
                + " umap");
      }
      Usage own = result.usage();
      Usage both = own.plus(taken.cpuSeconds(), taken.readBytes(), taken.writtenBytes());
      pager.end();
      return new MeasuredProgram.Result(both, result.output());
    }
  }
}
