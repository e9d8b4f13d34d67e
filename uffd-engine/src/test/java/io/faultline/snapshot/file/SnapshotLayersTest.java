package io.faultline.snapshot.file;

import static io.faultline.snapshot.file.SnapshotSample.PAGE;
import static io.faultline.snapshot.file.SnapshotSample.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that leave pages to others. */
class SnapshotLayersTest {
  private static final int PAGES = 40;

  @TempDir Path directory;

  @BeforeEach
  void needsLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
  }

  /** Any mixture of data, zeros and pages of the base, in layers on top of each other. */
  @Test
  void eachPageIsThatOfTheUppermostLayerThatHasIt() throws IOException {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    Random random = new Random(seed);
    byte[] expected = new byte[PAGES];
    @Nullable Path below = null;
    for (int layer = 0; layer < 12; layer++) {
      Path file = directory.resolve("layer" + layer);
      writeRandom(file, below, expected, random, (byte) (1 + layer));
      assertThat(contents(file)).as("seed %d, layer %d", seed, layer).isEqualTo(expected);
      below = file;
    }
  }

  private static void writeRandom(
      Path file, @Nullable Path below, byte[] expected, Random random, byte value)
      throws IOException {
    try (SnapshotFile base = below == null ? null : SnapshotFile.open(below);
        SnapshotWriter writer = SnapshotWriter.create(file, PAGE);
        Arena arena = Arena.ofConfined()) {
      writer.begin(VM, base == null ? null : SnapshotBase.of(base, file));
      MemorySegment page = arena.allocate(PAGE, PAGE).fill(value);
      for (int at = 0; at < PAGES; at++) {
        switch (random.nextInt(base == null ? 2 : 4)) {
          case 0 -> {
            writer.place(0, at, 1, PageRuns.ZERO);
            expected[at] = 0;
          }
          case 1 -> {
            writer.place(0, at, 1, writer.append(page));
            expected[at] = value;
          }
          default -> writer.place(0, at, 1, PageRuns.IN_BASE);
        }
      }
      writer.place(1, 0, 2, base == null ? PageRuns.ZERO : PageRuns.IN_BASE);
      writer.finish();
    }
  }

  /** The first byte of each page, read as a restore reads it. */
  private static byte[] contents(Path path) throws IOException {
    byte[] found = new byte[PAGES];
    try (SnapshotFile file = SnapshotFile.open(path)) {
      LayeredRuns runs = file.layeredRuns(0);
      for (int page = 0; page < PAGES; page++) {
        int run = runs.runOf(page);
        assertThat(page).isBetween((int) runs.firstPage(run), (int) runs.endPage(run) - 1);
        if (!runs.isZero(run)) {
          long offset = runs.fileOffset(run) + (page - runs.firstPage(run)) * PAGE;
          try (SnapshotReader reader = new SnapshotReader(file.layers().get(runs.layer(run)))) {
            found[page] = reader.read(offset, PAGE).get(ValueLayout.JAVA_BYTE, 0);
          }
        }
      }
    }
    return found;
  }

  /** A snapshot of which every page is that of a base. */
  private static void writeAbove(Path base, Path file) throws IOException {
    try (SnapshotFile below = SnapshotFile.open(base);
        SnapshotWriter writer = SnapshotWriter.create(file, PAGE)) {
      writer.begin(VM, SnapshotBase.of(below, file));
      writer.place(0, 0, PAGES, PageRuns.IN_BASE);
      writer.place(1, 0, 2, PageRuns.IN_BASE);
      writer.finish();
    }
  }

  private Path sample(String name) throws IOException {
    Path file = directory.resolve(name);
    SnapshotSample.write(file);
    return file;
  }

  @Test
  void aDirectoryWithAllLayersMayMove() throws IOException {
    Path old = Files.createDirectory(directory.resolve("old"));
    SnapshotSample.write(old.resolve("base"));
    writeAbove(old.resolve("base"), old.resolve("vm"));
    Path moved = Files.move(old, directory.resolve("moved"));
    assertThat(contents(moved.resolve("vm"))).isEqualTo(contents(moved.resolve("base")));
  }

  @Test
  void aBaseElsewhereIsFoundThereOrBesideTheSnapshot() throws IOException {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    SnapshotSample.write(elsewhere.resolve("base"));
    Path vm = directory.resolve("vm");
    writeAbove(elsewhere.resolve("base"), vm);
    byte[] expected = contents(vm);
    Files.move(elsewhere.resolve("base"), directory.resolve("base"));
    assertThat(contents(vm)).isEqualTo(expected);
    SnapshotSample.write(elsewhere.resolve("base")); // another one
    assertThat(contents(vm)).as("the right one is beside it").isEqualTo(expected);
  }

  @Test
  void aMissingBaseIsNamed() throws IOException {
    Path base = sample("base");
    writeAbove(base, directory.resolve("vm"));
    Files.delete(base);
    refused(directory.resolve("vm"), "has only what was written since", "base and is not there");
  }

  @Test
  void anotherSnapshotInPlaceOfTheBaseIsRefused() throws IOException {
    Path base = sample("base");
    writeAbove(base, directory.resolve("vm"));
    sample("base");
    refused(directory.resolve("vm"), "is based on snapshot", "put the right one there");
  }

  @Test
  void aDamagedBaseIsRefused() throws IOException {
    Path base = sample("base");
    writeAbove(base, directory.resolve("vm"));
    byte[] whole = Files.readAllBytes(base);
    Files.write(base, Arrays.copyOf(whole, whole.length - 1));
    refused(directory.resolve("vm"), "the base of", "is not a whole snapshot");
  }

  @Test
  void aLoopOfBasesIsRefused() throws IOException {
    writeCircle(directory.resolve("x"), directory.resolve("y"));
    refused(directory.resolve("x"), "its bases form a loop");
  }

  /** Two headers that name each other, with the rest of whole snapshots. */
  private static void writeCircle(Path one, Path other) throws IOException {
    SnapshotId idOfOne = SnapshotId.random();
    SnapshotId idOfOther = SnapshotId.random();
    forge(one, idOfOne, new SnapshotBase(idOfOther, other.getFileName()));
    forge(other, idOfOther, new SnapshotBase(idOfOne, one.getFileName()));
  }

  private static void forge(Path file, SnapshotId id, SnapshotBase base) throws IOException {
    SnapshotSample.write(file);
    try (FileChannel to =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      to.write(new SnapshotHeader(PAGE, VM.memoryBytes(), id, base).encode(), 0);
      long trailerAt = to.size() - SnapshotTrailer.SIZE_BYTES;
      ByteBuffer trailer =
          ByteBuffer.allocate(SnapshotTrailer.SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      to.read(trailer, trailerAt);
      trailer.putLong(0, id.high()).putLong(8, id.low());
      trailer.putInt(72, Checksum.of(trailer.slice(0, 72)));
      to.write(trailer.clear(), trailerAt);
    }
  }

  @Test
  void asManyLayersAsCanBeReadCanBeWritten() throws IOException {
    Path below = sample("layer0");
    for (int layer = 1; layer < SnapshotBase.MAX_LAYERS; layer++) {
      Path next = directory.resolve("layer" + layer);
      writeAbove(below, next);
      below = next;
    }
    assertThat(contents(below)).isEqualTo(contents(directory.resolve("layer0")));
    Path last = below;
    assertThatThrownBy(() -> writeAbove(last, directory.resolve("more")))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContainingAll("layer63 has 63 bases", "then it has no base");
    assertThat(directory.resolve("more")).doesNotExist();
  }

  @Test
  void aSnapshotCannotReplaceOneThatItNeeds() throws IOException {
    Path base = sample("base");
    Path vm = directory.resolve("vm");
    writeAbove(base, vm);
    Path link = Files.createSymbolicLink(directory.resolve("link"), base);
    for (Path place : new Path[] {vm, base, link}) {
      assertThatThrownBy(() -> writeAbove(vm, place))
          .as("%s", place)
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("name another file");
    }
    assertThat(contents(vm)).isEqualTo(contents(base));
  }

  @Test
  void aBaseThatWasReplacedMeanwhileIsNoticed() throws IOException {
    Path base = sample("base");
    try (SnapshotFile below = SnapshotFile.open(base)) {
      Path other = sample("other");
      Files.move(other, base, StandardCopyOption.REPLACE_EXISTING);
      assertThatThrownBy(() -> SnapshotBase.of(below, directory.resolve("vm")))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("base was replaced");
    }
  }

  private static void refused(Path file, String... parts) {
    assertThatThrownBy(() -> SnapshotFile.open(file).close())
        .isInstanceOf(SnapshotException.class)
        .hasMessageContainingAll(parts);
  }
}
