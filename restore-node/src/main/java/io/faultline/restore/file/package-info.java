/**
 * Files of what must outlive this process: {@link io.faultline.restore.file.MappedFile}, memory to
 * which the kernel may write itself.
 */
@NullMarked
package io.faultline.restore.file;

import org.jspecify.annotations.NullMarked;
