package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase.UnfinishedException;
import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.ScratchDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What all cases of a comparison share. Its files are deleted at the end, also after Ctrl-C. */
public final class UmapLab implements AutoCloseable {
  /** File systems that have no disk: O_DIRECT and the page cache mean something else there. */
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");

  private static final String PREFIX = "faultline-umap";
  private static final long MARGIN_BYTES = 256L << 20;
  private static final int CHUNK_BYTES = 1 << 20;

  private final UmapSettings settings;
  private final UmapBuild build;
  private final NativePrograms programs;
  private final Path scratch;
  private final ScratchDirectory data;
  private final Map<String, Double> bestSeconds = new HashMap<>();

  UmapLab(
      UmapSettings settings,
      UmapBuild build,
      NativePrograms programs,
      Path scratch,
      ScratchDirectory data) {
    this.settings = settings;
    this.build = build;
    this.programs = programs;
    this.scratch = scratch;
    this.data = data;
  }

  /**
   * Finds umap, compiles our programs and checks the disk.
   *
   * @param scratch a directory for small files
   * @throws UsageException if umap, gcc or room on the disk is missing
   * @throws IOException if our programs cannot be compiled
   */
  public static UmapLab open(UmapSettings settings, Path scratch)
      throws IOException, InterruptedException {
    UmapBuild build = UmapBuild.find(settings.build());
    Path parent = settings.data().orElse(Path.of(System.getProperty("java.io.tmpdir")));
    requireDisk(parent, settings.diskBytes() + MARGIN_BYTES);
    NativePrograms programs =
        NativePrograms.compile(Files.createDirectory(scratch.resolve("umap")));
    ScratchDirectory data = ScratchDirectory.in(parent, PREFIX);
    return new UmapLab(settings, build, programs, scratch, data);
  }

  private static void requireDisk(Path directory, long bytes) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new UsageException("--data " + directory + " is not a directory");
    }
    FileStore disk = Files.getFileStore(directory);
    if (IN_MEMORY.contains(disk.type())) {
      throw new UsageException(
          directory + " is in memory (" + disk.type() + "): name one on a disk with --data DIR");
    }
    long usable = disk.getUsableSpace();
    if (usable < bytes) {
      throw new UsageException(
          directory
              + " has "
              + (usable >> 20)
              + " MiB left, and the files need "
              + (bytes >> 20)
              + ": name another with --data DIR, or use a smaller --ram");
    }
  }

  public UmapSettings settings() {
    return settings;
  }

  UmapBuild build() {
    return build;
  }

  NativePrograms programs() {
    return programs;
  }

  /** For small files. */
  Path scratch() {
    return scratch;
  }

  /** For the programs' files. */
  Path data() {
    return data.directory().toAbsolutePath();
  }

  MeasuredProgram.Result run(MeasuredProgram program, Duration limit)
      throws IOException, InterruptedException, UnfinishedException {
    return program.run(programs.measured(), scratch, limit);
  }

  /** What our pager took for a case at best so far. */
  Map<String, Double> bestSeconds() {
    return bestSeconds;
  }

  /**
   * The file that pfbenchmark reads: each page begins with its index in words. Created when it is
   * first needed; its readers leave its contents as they are.
   */
  Path readFile(UmapSettings.Size size) throws IOException {
    Path file = data().resolve("accessed-" + new ByteSize(size.dataBytes()));
    if (!Files.exists(file)) {
      write(file, size.dataBytes());
    }
    return file;
  }

  private static void write(Path file, long bytes) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.nativeOrder());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long at = 0; at < bytes; at += CHUNK_BYTES) {
        for (int page = 0; page < CHUNK_BYTES; page += (int) PagedSystem.PAGE_BYTES) {
          chunk.putLong(page, (at + page) / Long.BYTES);
        }
        chunk.clear();
        while (chunk.hasRemaining()) {
          int _ = channel.write(chunk);
        }
      }
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  @Override
  public void close() {
    data.close();
  }
}
