package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.criu.LinkSpeed;
import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.measure.CriuCase;
import io.faultline.cli.bench.measure.CriuPrograms;
import io.faultline.cli.bench.measure.CriuRestoresCase;
import io.faultline.cli.bench.measure.CriuRightCase;
import io.faultline.cli.bench.measure.MovedJvm;
import io.faultline.cli.bench.measure.MovedMemory;
import io.faultline.cli.bench.measure.MovedProcess;
import io.faultline.cli.bench.measure.MovedRedis;
import io.faultline.cli.bench.measure.PagePath;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Processes that stock CRIU moves. They run only if they are selected: some take a minute. */
public final class CriuCases {
  /** A round trip of 10 ms, without a limit. */
  private static final LinkSpeed FAR = new LinkSpeed(Duration.ofMillis(5), 0);

  private static final LinkSpeed FAR_GIGABIT = new LinkSpeed(Duration.ofMillis(5), 125_000_000);

  private final CriuPrograms programs;
  private final boolean stock;
  private final List<BenchCase> cases = new ArrayList<>();

  private CriuCases(CriuPrograms programs, boolean stock) {
    this.programs = programs;
    this.stock = stock;
  }

  /** With the daemon of this project. */
  static List<BenchCase> ofProject(BenchEnvironment environment) {
    return new CriuCases(new CriuPrograms(environment), false).all(environment.quick());
  }

  /** With CRIU's daemon; each has one of this project as its counterpart. */
  public static List<BenchCase> ofStock(BenchEnvironment environment) {
    return new CriuCases(new CriuPrograms(environment), true).all(environment.quick());
  }

  /** Whether a case needs CRIU. */
  public static boolean isOf(BenchCase each) {
    return each.table() == ResultTable.CRIU || each.table() == ResultTable.CRIU_RIGHT;
  }

  private List<BenchCase> all(boolean quick) {
    int mebibytes = quick ? 32 : 256;
    int reads = quick ? 100 : 3000;
    add("idle", mebibytes + " MiB", LinkSpeed.DIRECT, new MovedMemory(mebibytes, 0, List.of()));
    add(
        "random",
        mebibytes + " MiB, " + reads + " random reads, 1 Gbit/s, 10 ms",
        FAR_GIGABIT,
        new MovedMemory(mebibytes, reads, List.of()));
    MovedRedis redis = quick ? new MovedRedis(20_000, 100) : new MovedRedis(250_000, 4000);
    add("redis", "redis, " + redis.keys() + " keys, " + redis.gets() + " GETs, 10 ms", FAR, redis);
    MovedJvm jvm = new MovedJvm(quick ? 10_000 : 170_000);
    add("jvm", "JVM, " + jvm.objects() + " objects, 10 ms", FAR, jvm);
    add(
        "fragments",
        mebibytes / 2 + " MiB, every second page",
        LinkSpeed.DIRECT,
        new MovedMemory(mebibytes / 2, 0, List.of("fragmented")));
    add(
        "source-fragments",
        mebibytes + " MiB, every second page, from the frozen process",
        LinkSpeed.DIRECT,
        new MovedMemory(mebibytes, 0, List.of("fragmented")),
        PagePath.SOURCE);
    cases.add(new CriuRestoresCase(programs, stock));
    right("sweep", "discards every 8th page", "SWEEP 8 200");
    right("msweep", "moves 4 of 16 pages", "MSWEEP 16 4 200");
    right("bigdn", "discards 5 GiB", "BIGDN", "sparse=5");
    right("bigun", "unmaps 5 GiB", "BIGUN", "sparse=5");
    right("dnhead", "discards heads of ranges", "DNHEAD 32");
    right("msplit", "moves slices", "MSPLIT 64");
    right("fork", "forks", "FORK");
    cases.add(
        new CriuRightCase(
            programs,
            "cuts",
            "five cuts of the network, " + (stock ? "from the dump" : "from the frozen process"),
            List.of(),
            List.of("RAND 100 1"),
            5,
            stock ? PagePath.STOCK : PagePath.SOURCE));
    return cases;
  }

  private void right(String key, String what, String command, String... options) {
    PagePath path = stock ? PagePath.STOCK : PagePath.DUMP;
    cases.add(new CriuRightCase(programs, key, what, List.of(options), List.of(command), 0, path));
  }

  private void add(String key, String what, LinkSpeed link, MovedProcess process) {
    add(key, what, link, process, PagePath.DUMP);
  }

  private void add(
      String key, String what, LinkSpeed link, MovedProcess process, PagePath ofProject) {
    PagePath path = stock ? PagePath.STOCK : ofProject;
    cases.add(new CriuCase(programs, key, what, link, process, path));
  }
}
