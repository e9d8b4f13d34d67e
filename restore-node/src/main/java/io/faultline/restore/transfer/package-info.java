/** Which pages are asked for, when: faults first, then everything else, within a window. */
@NullMarked
package io.faultline.restore.transfer;

import org.jspecify.annotations.NullMarked;
