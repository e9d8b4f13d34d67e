package io.faultline.snapshot.file;

import static io.faultline.snapshot.file.SnapshotSample.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.paging.store.BlockCodec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data that is compressed is read as it was, at the offsets that it would have otherwise. */
class CompressedDataTest {
  private static final int PAGES = 300;
  private static final int RANDOM_PAGES = 100;
  private static final int PIECE_PAGES = 7; // chunks begin within pieces

  @TempDir private Path directory;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment data = arena.allocate((long) PAGES * PAGE, PAGE);

  @AfterEach
  void close() {
    arena.close();
  }

  private Path write() throws IOException {
    Random random = new Random(7);
    for (long at = 0; at < data.byteSize(); at++) {
      boolean isNoise = at < (long) RANDOM_PAGES * PAGE;
      byte value = (byte) (isNoise ? random.nextInt() : 1 + at / PAGE);
      data.set(ValueLayout.JAVA_BYTE, at, value);
    }
    Path file = directory.resolve("vm.snap");
    SnapshotRegion ram = new SnapshotRegion(0, "ram", data.byteSize(), PAGE, "shmem");
    try (SnapshotWriter writer =
        SnapshotWriter.create(file, PAGE, DataEncoding.ZSTD, encoding -> new DeflateCodec())) {
      writer.begin(new SnapshotVm("simulated", new byte[1], List.of(ram), new byte[2]));
      for (int page = 0; page < PAGES; page += PIECE_PAGES) {
        int count = Math.min(PIECE_PAGES, PAGES - page);
        MemorySegment piece = data.asSlice((long) page * PAGE, (long) count * PAGE);
        writer.place(0, page, count, writer.append(piece));
      }
      writer.finish();
      assertThat(writer.sizeBytes()).isEqualTo(Files.size(file));
    }
    return file;
  }

  @Test
  void dataIsReadAsItWas() throws IOException {
    Path file = write();
    try (SnapshotFile snapshot = SnapshotFile.open(file);
        SnapshotReader reader = new SnapshotReader(snapshot, encoding -> new DeflateCodec())) {
      assertThat(snapshot.encoding()).isEqualTo(DataEncoding.ZSTD);
      assertThat(snapshot.dataBytes()).isEqualTo(data.byteSize());
      assertThat(Files.size(file))
          .as("noise is stored as it is, the rest is smaller")
          .isBetween((long) RANDOM_PAGES * PAGE, (RANDOM_PAGES + 40L) * PAGE);
      for (int page = 0; page < PAGES; page += 3) { // one page, and many
        for (int count : new int[] {1, Math.min(PAGES - page, 130)}) {
          MemorySegment wanted = data.asSlice((long) page * PAGE, (long) count * PAGE);
          long offset = snapshot.runs(0).fileOffset(0) + (long) page * PAGE;
          MemorySegment found = reader.read(offset, wanted.byteSize());
          assertThat(found.mismatch(wanted)).as("pages from %d on", page).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void rangesInTheFileCoverTheData() throws IOException {
    try (SnapshotFile snapshot = SnapshotFile.open(write())) {
      long first = snapshot.dataOffset();
      long end = first + snapshot.dataBytes();
      assertThat(snapshot.storedStart(first)).isEqualTo(first);
      assertThat(snapshot.storedEnd(end)).isLessThan(end).isLessThan(Files.size(snapshot.path()));
      assertThat(snapshot.storedEnd(first + 1)).isEqualTo(snapshot.storedStart(first + (64 << 10)));
    }
  }

  @Test
  void changedByteIsFound() throws IOException {
    Path file = write();
    byte[] bytes = Files.readAllBytes(file);
    long dataOffset;
    long dataBytes;
    long storedEnd;
    try (SnapshotFile snapshot = SnapshotFile.open(file)) {
      dataOffset = snapshot.dataOffset();
      dataBytes = snapshot.dataBytes();
      storedEnd = snapshot.storedEnd(dataOffset + dataBytes);
    }
    for (int at = (int) dataOffset; at < storedEnd; at += 7919) {
      bytes[at] ^= 0x10;
      Files.write(file, bytes);
      bytes[at] ^= 0x10;
      assertThatThrownBy(() -> readAll(file, dataOffset, dataBytes))
          .as("byte %d", at)
          .isInstanceOf(SnapshotException.class)
          .hasMessageContainingAll(file.toString(), "at offset");
    }
  }

  private static void readAll(Path file, long offset, long bytes) throws IOException {
    try (SnapshotFile snapshot = SnapshotFile.open(file);
        SnapshotReader reader = new SnapshotReader(snapshot, encoding -> new DeflateCodec());
        Arena arena = Arena.ofConfined()) {
      reader.read(offset, arena.allocate(bytes, PAGE));
    }
  }

  @Test
  void programWithoutTheCodecSaysSo() throws IOException {
    try (SnapshotFile snapshot = SnapshotFile.open(write())) {
      assertThatThrownBy(() -> new SnapshotReader(snapshot))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("cannot use snapshots with zstd");
    }
  }

  /** A codec that the JDK has. */
  private static final class DeflateCodec implements BlockCodec {
    @Override
    public int bound(int bytes) {
      return bytes + bytes / 2 + 100;
    }

    @Override
    public int compress(ByteBuffer from, int bytes, ByteBuffer to) {
      try (Deflater deflater = new Deflater()) {
        deflater.setInput(from.slice(0, bytes));
        deflater.finish();
        return deflater.deflate(to);
      }
    }

    @Override
    public void decompress(ByteBuffer from, int bytes, ByteBuffer to, int expected)
        throws IOException {
      try (Inflater inflater = new Inflater()) {
        inflater.setInput(from.slice(0, bytes));
        int size = inflater.inflate(to);
        if (size != expected) {
          throw new IOException("of " + size + " bytes, not " + expected);
        }
      } catch (DataFormatException e) {
        throw new IOException("not compressed: " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {}
  }
}
