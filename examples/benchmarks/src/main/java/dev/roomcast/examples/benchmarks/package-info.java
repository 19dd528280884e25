/** Measures what Roomcast's parts cost. */
@NullMarked
package dev.roomcast.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
