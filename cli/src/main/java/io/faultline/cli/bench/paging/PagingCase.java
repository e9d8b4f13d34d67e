package io.faultline.cli.bench.paging;

import io.faultline.cli.bench.criu.OwnProgram;
import io.faultline.cli.bench.paging.MeasuredProcess.Measurement;
import io.faultline.cli.bench.result.BufferedCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.umap.MemoryCgroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A workload on a system, in a process of its own.
 *
 * @param key the name without the system
 * @param regionBytes the memory that the workload sees
 * @param bufferBytes what of it may be in RAM
 * @param kind what is special about the run
 */
public record PagingCase(
    PagingPrograms programs,
    ResultTable table,
    String key,
    PagingSystem system,
    Workload workload,
    long regionBytes,
    long bufferBytes,
    Kind kind)
    implements BufferedCase {
  /** What is special about a run. */
  public enum Kind {
    PLAIN,
    /** The region is flushed over and over meanwhile. */
    FLUSHED,
    /** What is in RAM is sampled meanwhile, which takes time. */
    WATCHED
  }

  private static final int THREADS = 2;

  /** The page cache and page tables of a cgroup beside the buffer, as much as ours has in Java. */
  private static final long CGROUP_EXTRA_BYTES = 32L << 20;

  private static final List<String> JVM_OPTIONS =
      List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xms128m", "-Xmx128m");

  private static final String ENTER = "echo $$ > \"$0\" && exec \"$@\"";
  private static final double PERCENT = 100;

  @Override
  public String name() {
    return system.key() + "-" + key;
  }

  @Override
  public String counterpart() {
    return system.isPeer() ? PagingSystem.PAGING.key() + "-" + key : name();
  }

  @Override
  public String title() {
    String what =
        workload.title() + ", " + (regionBytes >> 20) + "/" + (bufferBytes >> 20) + " MiB";
    String more =
        switch (kind) {
          case PLAIN -> "";
          case FLUSHED -> ", while it is flushed";
          case WATCHED -> ", memory sampled";
        };
    return system.title() + ": " + what + more;
  }

  @Override
  public String systemTitle() {
    return system.title();
  }

  @Override
  public String command() {
    List<String> words = new ArrayList<>();
    words.add(system.isPeer() ? "paging-peer" : "java " + PagedProgram.class.getName());
    words.addAll(arguments(Path.of("FILE"), 0));
    return String.join(" ", words) + (system.needsCgroup() ? " in a memory cgroup" : "");
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    Path store = programs.store(workload.isSort() ? "sorted" : "numbered", regionBytes);
    Measurement measured = measure(store, round);
    if (!measured.values().path("right").asBoolean(false)) {
      throw new IOException("memory did not have what was stored: " + measured.values());
    }
    if (workload == Workload.WRITE) {
      String seed = Long.toString(programs.seed() + round);
      String bytes = Long.toString(regionBytes);
      PagingPrograms.run(programs.peer().toString(), "verify", store.toString(), bytes, seed);
    }
    return values(measured);
  }

  private Measurement measure(Path store, int round)
      throws IOException, InterruptedException, CannotRunException {
    boolean watched = kind == Kind.WATCHED;
    List<String> command = command(store, round);
    if (!system.needsCgroup()) {
      return MeasuredProcess.run(command, watched, programs.scratch());
    }
    try (MemoryCgroup cgroup = MemoryCgroup.create(bufferBytes + CGROUP_EXTRA_BYTES)) {
      List<String> limited = new ArrayList<>(List.of("sh", "-c", ENTER));
      limited.add(cgroup.directory().resolve("cgroup.procs").toString());
      limited.addAll(command);
      return MeasuredProcess.run(limited, watched, programs.scratch());
    }
  }

  private List<String> command(Path store, int round)
      throws IOException, InterruptedException, CannotRunException {
    List<String> command = new ArrayList<>();
    if (system.isPeer()) {
      command.add(programs.peer().toString());
    } else {
      List<String> options = new ArrayList<>(JVM_OPTIONS);
      if (programs.quick()) {
        options.add("-D" + PagedProgram.WARM_UP + "=300");
      }
      command.addAll(OwnProgram.command(PagedProgram.class.getName(), options));
    }
    command.addAll(arguments(store, round));
    if (!system.isPeer()) {
      command.add(programs.library().toString());
    }
    return command;
  }

  private List<String> arguments(Path store, int round) {
    long accesses = 2 * bufferBytes / PagedProgram.PAGE_BYTES;
    String how = kind == Kind.FLUSHED ? PagedProgram.FLUSHED : "";
    return List.of(
        system.key() + how,
        workload.key(),
        store.toString(),
        Long.toString(regionBytes),
        Long.toString(bufferBytes),
        Integer.toString(THREADS),
        Long.toString(accesses),
        Long.toString(programs.seed() + round));
  }

  private Map<Metric, Double> values(Measurement measured) {
    JsonNode from = measured.values();
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    values.put(Metric.RUN_TIME, from.path("seconds").asDouble());
    values.put(Metric.CPU_TIME, from.path("cpu").asDouble());
    values.put(Metric.READ_BYTES, from.path("read_mib").asDouble());
    values.put(Metric.WRITTEN_BYTES, from.path("written_mib").asDouble());
    if (workload.isRandom()) {
      double running = from.path("seconds").asDouble() - from.path("flush").asDouble();
      values.put(Metric.ACCESS_TIME, running * 1e6 / from.path("accesses").asDouble());
      values.put(Metric.FAULT_P50, from.path("p50_us").asDouble());
      values.put(Metric.FAULT_P99, from.path("p99_us").asDouble());
    }
    if (measured.residentBytes() > 0) {
      values.put(Metric.RESIDENT, PERCENT * measured.residentBytes() / bufferBytes);
    }
    return values;
  }
}
