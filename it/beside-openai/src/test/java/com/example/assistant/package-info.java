/**
 * An application that has Spring AI's OpenAI starter beside nettrace.
 */
@NullMarked
package com.example.assistant;

import org.jspecify.annotations.NullMarked;
