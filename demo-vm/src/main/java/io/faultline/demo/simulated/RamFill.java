package io.faultline.demo.simulated;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.paging.PagedAccess;
import java.lang.foreign.MemorySegment;
import java.util.stream.LongStream;

/**
 * The initial contents of guest memory. Each 4 KiB block is unique and not zero: its first word is
 * a bijection of its number, and the first two words are never both zero. The other words are
 * random, or small numbers that occur in all blocks. Zero pages are whole pages of the backing,
 * chosen by seed and page number.
 */
final class RamFill {
  private static final int BLOCK_BYTES = 4096;
  private static final long CHUNK_BYTES = 4 << 20;

  /** Small numbers are 0 to 15. */
  private static final long COMMON_MASK = 0xf;

  private final long key;
  private final long zeroKey;
  private final double zeroFraction;
  private final double commonFraction;
  private final RamLayout layout;

  RamFill(SimulatedVmConfig config, RamLayout layout) {
    this.key = key(config);
    this.zeroKey = SplitMix64.mix(key + SplitMix64.GOLDEN);
    this.zeroFraction = config.zeroFraction();
    this.commonFraction = config.commonFraction();
    this.layout = layout;
  }

  /** The first word of a block is {@code SplitMix64.mix(key + number of the block)}. */
  static long key(SimulatedVmConfig config) {
    return SplitMix64.mix(config.seed());
  }

  /** Fills a region, on all processors. No page of it may be registered for faults. */
  void fill(MemoryRegion region) {
    MemorySegment ram = region.guest().data();
    // A named file may have old contents; other memory is zero where nothing was written.
    boolean clear = region.backing().kind() == Backing.Kind.FILE;
    long chunk = Math.max(CHUNK_BYTES, layout.pageBytes());
    LongStream.range(0, Math.ceilDiv(layout.ramBytes(), chunk))
        .parallel()
        .forEach(n -> fill(ram, n * chunk, Math.min(layout.ramBytes(), (n + 1) * chunk), clear));
  }

  /** Fills memory of zeros through a pager. */
  void fill(PagedAccess ram) {
    long[] block = new long[BLOCK_BYTES / Long.BYTES];
    MemorySegment source = MemorySegment.ofArray(block);
    for (long at = 0; at < layout.ramBytes(); at += BLOCK_BYTES) {
      if (!isZero(at / layout.pageBytes())) {
        fillBlock(block, SplitMix64.mix(key + at / BLOCK_BYTES));
        ram.write(at, source, 0, BLOCK_BYTES);
      }
    }
  }

  /** Whether a page of the backing is initially zero. */
  boolean isZero(long page) {
    return draw(SplitMix64.mix(zeroKey ^ page)) < zeroFraction;
  }

  /** Converts random bits to a number from 0 to 1. */
  private static double draw(long bits) {
    return (bits >>> 11) * 0x1.0p-53;
  }

  private void fill(MemorySegment ram, long start, long end, boolean clear) {
    long[] block = new long[BLOCK_BYTES / Long.BYTES];
    for (long at = start; at < end; at += layout.pageBytes()) {
      if (!isZero(at / layout.pageBytes())) {
        fillPage(ram, at, block);
      } else if (clear) {
        ram.asSlice(at, layout.pageBytes()).fill((byte) 0);
      }
    }
  }

  private void fillPage(MemorySegment ram, long start, long[] block) {
    for (long at = start; at < start + layout.pageBytes(); at += BLOCK_BYTES) {
      fillBlock(block, SplitMix64.mix(key + at / BLOCK_BYTES));
      MemorySegment.copy(block, 0, ram, JAVA_LONG, at, block.length);
    }
  }

  /** Fills an array, which is copied then: single stores to native memory are slow without C2. */
  private void fillBlock(long[] block, long first) {
    block[0] = first;
    for (int i = 1; i < block.length; i++) {
      long word = SplitMix64.mix(first + (long) i * Long.BYTES * SplitMix64.GOLDEN);
      boolean common = commonFraction > 0 && i > 1 && draw(SplitMix64.mix(word)) < commonFraction;
      block[i] = common ? word & COMMON_MASK : word;
    }
  }
}
