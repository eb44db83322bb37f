<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>There is no model to ask. Put a GGUF file into {path}.</source>
        <translation>No hay ningún modelo al que preguntar. Pon un archivo GGUF en {path}.</translation>
    </message>
    <message>
        <source>The engine was closed.</source>
        <translation>El motor se ha cerrado.</translation>
    </message>
    <message>
        <source>This is too much text at once: {n:,} bytes, limit {limit:,}.</source>
        <translation>Es demasiado texto de una vez: {n:,} bytes; el límite es {limit:,}.</translation>
    </message>
    <message>
        <source>This text cannot be cut into tokens.</source>
        <translation>Este texto no se puede dividir en tokens.</translation>
    </message>
    <message>
        <source>The prompt is empty.</source>
        <translation>El prompt está vacío.</translation>
    </message>
    <message>
        <source>The prompt has {needs:,} tokens and the context has room for {limit:,}. Shorten the message, or start a new conversation.</source>
        <translation>El prompt tiene {needs:,} tokens y en el contexto caben {limit:,}. Acorta el mensaje o empieza una conversación nueva.</translation>
    </message>
    <message>
        <source>The prompt holds tokens that this model lacks.</source>
        <translation>El prompt contiene tokens que este modelo no tiene.</translation>
    </message>
    <message>
        <source>A part of the program is missing: {folder} has no library of llama.cpp that fits this processor. Install the program again.</source>
        <translation>Falta una parte del programa: en {folder} no hay ninguna biblioteca de llama.cpp apta para este procesador. Instala el programa de nuevo.</translation>
    </message>
    <message>
        <source>The context is full: it has room for {limit:,} tokens.</source>
        <translation>El contexto está lleno: caben {limit:,} tokens.</translation>
    </message>
    <message>
        <source>The model could not be evaluated (llama.cpp says {code}). Try again; if it happens again, load the model again.</source>
        <translation>No se pudo evaluar el modelo (llama.cpp dice {code}). Inténtalo de nuevo; si vuelve a pasar, carga el modelo otra vez.</translation>
    </message>
    <message>
        <source>{file}: This model ({architecture}) is newer than the engine. Update the program, or choose another model.</source>
        <translation>{file}: este modelo ({architecture}) es más nuevo que el motor. Actualiza el programa o elige otro modelo.</translation>
    </message>
    <message>
        <source>{file}: The file is damaged and cannot be opened; copy or download it again.</source>
        <translation>{file}: el archivo está dañado y no se puede abrir; cópialo o descárgalo de nuevo.</translation>
    </message>
    <message>
        <source>{model} needs {needs:.1f} GB of memory and {has:.1f} GB are free. Close other programs, use a shorter context, or choose a smaller model.</source>
        <translation>{model} necesita {needs:.1f} GB de memoria y hay {has:.1f} GB libres. Cierra otros programas, usa un contexto más corto o elige un modelo más pequeño.</translation>
    </message>
    <message>
        <source>{file}: This model ({architecture}) does not write text word by word, so it cannot be chatted with. Choose another model.</source>
        <translation>{file}: este modelo ({architecture}) no escribe texto palabra por palabra, así que no se puede chatear con él. Elige otro modelo.</translation>
    </message>
    <message>
        <source>{model} could not be prepared to write; the engine&apos;s log says why.</source>
        <translation>No se pudo preparar {model} para escribir; el registro del motor dice por qué.</translation>
    </message>
    <message>
        <source>{file}: This model ({architecture}) does not write text, so it cannot be chatted with. Choose another model.</source>
        <translation>{file}: este modelo ({architecture}) no escribe texto, así que no se puede chatear con él. Elige otro modelo.</translation>
    </message>
    <message>
        <source>This needs {needs:,} tokens, limit {limit:,}. Shorten the last message or the system prompt, or load the model with a longer context.</source>
        <translation>Esto necesita {needs:,} tokens; el límite es {limit:,}. Acorta el último mensaje o las instrucciones, o carga el modelo con un contexto más largo.</translation>
    </message>
    <message>
        <source>A line is longer than {n} bytes.</source>
        <translation>Una línea tiene más de {n} bytes.</translation>
    </message>
    <message>
        <source>An id is empty or belongs to a request that is still open.</source>
        <translation>Un identificador está vacío o pertenece a una petición que sigue abierta.</translation>
    </message>
    <message>
        <source>No model is loaded. Load one first.</source>
        <translation>No hay ningún modelo cargado. Carga uno primero.</translation>
    </message>
    <message>
        <source>{file}: This model ({architecture}) makes no vectors of texts. Choose one of BERT&apos;s kind.</source>
        <translation>{file}: este modelo ({architecture}) no hace vectores de textos. Elige uno del tipo de BERT.</translation>
    </message>
    <message>
        <source>Stopped before it was done.</source>
        <translation>Se detuvo antes de terminar.</translation>
    </message>
    <message>
        <source>There is not enough memory. Close other programs or take a smaller model.</source>
        <translation>No hay suficiente memoria. Cierra otros programas o usa un modelo más pequeño.</translation>
    </message>
    <message>
        <source>Something went wrong in the engine ({kind}); see its log.</source>
        <translation>Algo ha fallado en el motor ({kind}); mira su registro.</translation>
    </message>
    <message>
        <source>The engine does not answer any more and was ended. Restart it.</source>
        <translation>El motor ya no responde y se ha cerrado. Reinícialo.</translation>
    </message>
    <message>
        <source>The engine did not come up within {limit_s:.0f} s and was ended. Restart it.</source>
        <translation>El motor no arrancó en {limit_s:.0f} s y se ha cerrado. Reinícialo.</translation>
    </message>
    <message>
        <source>The engine printed something that cannot be understood and was ended. Restart it.</source>
        <translation>El motor escribió algo que no se entiende y se ha cerrado. Reinícialo.</translation>
    </message>
    <message>
        <source>The engine ended unexpectedly (code {code}). Restart it.</source>
        <translation>El motor se cerró de forma inesperada (código {code}). Reinícialo.</translation>
    </message>
    <message>
        <source>The system ended the engine, most likely because memory ran out. Close other programs or take a smaller model, then restart it.</source>
        <translation>El sistema cerró el motor, seguramente por falta de memoria. Cierra otros programas o usa un modelo más pequeño y reinícialo.</translation>
    </message>
    <message>
        <source>The engine crashed ({signal}). Restart it; if this happens again with the same model, give it a shorter context or copy its file again: it may be damaged.</source>
        <translation>El motor ha fallado ({signal}). Reinícialo; si vuelve a pasar con el mismo modelo, dale un contexto más corto o copia su archivo de nuevo: puede estar dañado.</translation>
    </message>
    <message>
        <source>The engine cannot be started: {reason}. Installing the program again may help.</source>
        <translation>No se puede arrancar el motor: {reason}. Quizá ayude instalar el programa de nuevo.</translation>
    </message>
    <message>
        <source>The engine speaks protocol {spoken}, this program speaks {expected}: they are of different versions. Install the program again.</source>
        <translation>El motor habla el protocolo {spoken} y este programa el {expected}: son de versiones distintas. Instala el programa de nuevo.</translation>
    </message>
    <message>
        <source>The engine was stopped.</source>
        <translation>El motor se ha detenido.</translation>
    </message>
    <message>
        <source>The engine is not running. Restart it.</source>
        <translation>El motor no está en marcha. Reinícialo.</translation>
    </message>
    <message>
        <source>This is too much text at once.</source>
        <translation>Es demasiado texto de una vez.</translation>
    </message>
    <message>
        <source>The engine was restarted.</source>
        <translation>El motor se ha reiniciado.</translation>
    </message>
    <message>
        <source>Not a model: it does not name an architecture.</source>
        <translation>No es un modelo: no indica ninguna arquitectura.</translation>
    </message>
    <message>
        <source>Not a chat model: {what}</source>
        <translation>No es un modelo de chat: {what}</translation>
    </message>
    <message>
        <source>it holds a vocabulary and no weights.</source>
        <translation>contiene un vocabulario y ningún peso.</translation>
    </message>
    <message>
        <source>it reads images for another model and cannot chat by itself.</source>
        <translation>lee imágenes para otro modelo y no puede chatear por sí solo.</translation>
    </message>
    <message>
        <source>it adapts another model and cannot chat by itself.</source>
        <translation>adapta otro modelo y no puede chatear por sí solo.</translation>
    </message>
    <message>
        <source>it holds measurements for making another model smaller.</source>
        <translation>contiene medidas para hacer más pequeño otro modelo.</translation>
    </message>
    <message>
        <source>it compares texts and cannot write any.</source>
        <translation>compara textos y no puede escribirlos.</translation>
    </message>
    <message>
        <source>it has no vocabulary, so it cannot write text.</source>
        <translation>no tiene vocabulario, así que no puede escribir texto.</translation>
    </message>
    <message>
        <source>the number of its parts makes no sense</source>
        <translation>el número de sus partes no tiene sentido</translation>
    </message>
    <message>
        <source>It is one of {n:,} parts of a model and was renamed; its name must end in {end}.</source>
        <translation>Es una de las {n:,} partes de un modelo y se le cambió el nombre, que debe terminar en {end}.</translation>
    </message>
    <message>
        <source>It is part {number:,} of {n:,} of a model; choose the first, {file}.</source>
        <translation>Es la parte {number:,} de {n:,} de un modelo; elige la primera, {file}.</translation>
    </message>
    <message>
        <source>Part {number:,} of {n:,} is missing: {file} must lie beside it.</source>
        <translation>Falta la parte {number:,} de {n:,}: {file} debe estar a su lado.</translation>
    </message>
    <message>
        <source>Part {number:,} of {n:,}: {reason}</source>
        <translation>Parte {number:,} de {n:,}: {reason}</translation>
    </message>
    <message>
        <source>{file} is not part {n:,} of it</source>
        <translation>{file} no es su parte {n:,}</translation>
    </message>
    <message>
        <source>it does not say which part of the model it is</source>
        <translation>no dice qué parte del modelo es</translation>
    </message>
    <message>
        <source>two of its parts hold the same tensor</source>
        <translation>dos de sus partes contienen el mismo tensor</translation>
    </message>
    <message>
        <source>its parts hold {n:,} tensors, not as many as they should</source>
        <translation>sus partes contienen {n:,} tensores, no los que deberían</translation>
    </message>
    <message>
        <source>the name of its architecture is empty</source>
        <translation>el nombre de su arquitectura está vacío</translation>
    </message>
    <message>
        <source>its {key} is missing or 0</source>
        <translation>su {key} falta o es 0</translation>
    </message>
    <message>
        <source>its {key} makes no sense</source>
        <translation>su {key} no tiene sentido</translation>
    </message>
    <message>
        <source>{n:,} heads cannot share {n_kv:,}</source>
        <translation>{n:,} cabezas no pueden compartir {n_kv:,}</translation>
    </message>
    <message>
        <source>its numbers of experts make no sense</source>
        <translation>sus números de expertos no tienen sentido</translation>
    </message>
    <message>
        <source>its number of prediction layers makes no sense</source>
        <translation>su número de capas de predicción no tiene sentido</translation>
    </message>
    <message>
        <source>It stretches its context in a way this program does not know ({kind}); a newer version may.</source>
        <translation>Amplía su contexto de una forma que este programa no conoce ({kind}); quizá una versión más nueva sí.</translation>
    </message>
    <message>
        <source>its vocabulary cannot spell every letter</source>
        <translation>con su vocabulario no se pueden escribir todas las letras</translation>
    </message>
    <message>
        <source>its tensor {tensor} is packed as {kind}</source>
        <translation>su tensor {tensor} está empaquetado como {kind}</translation>
    </message>
    <message>
        <source>{file}: {reason}</source>
        <translation>{file}: {reason}</translation>
    </message>
    <message>
        <source>Damaged: {what}; copy or download it again.</source>
        <translation>Dañado: {what}; cópialo o descárgalo de nuevo.</translation>
    </message>
    <message>
        <source>Not a model: this is a folder.</source>
        <translation>No es un modelo: es una carpeta.</translation>
    </message>
    <message>
        <source>Not a model: this is no ordinary file.</source>
        <translation>No es un modelo: no es un archivo normal.</translation>
    </message>
    <message>
        <source>The file was cut while it was read; wait until it is complete.</source>
        <translation>El archivo se cortó mientras se leía; espera a que esté completo.</translation>
    </message>
    <message>
        <source>The file is not there; it was moved, renamed or deleted.</source>
        <translation>El archivo no está; se movió, se le cambió el nombre o se eliminó.</translation>
    </message>
    <message>
        <source>The file may not be read; its permissions forbid it.</source>
        <translation>El archivo no se puede leer; sus permisos lo impiden.</translation>
    </message>
    <message>
        <source>The file cannot be read ({reason}).</source>
        <translation>El archivo no se puede leer ({reason}).</translation>
    </message>
    <message>
        <source>it claims to hold {n:,} tensors</source>
        <translation>dice contener {n:,} tensores</translation>
    </message>
    <message>
        <source>it claims to hold {n:,} values</source>
        <translation>dice contener {n:,} valores</translation>
    </message>
    <message>
        <source>the file is empty</source>
        <translation>el archivo está vacío</translation>
    </message>
    <message>
        <source>it does not begin as a GGUF file does</source>
        <translation>no empieza como un archivo GGUF</translation>
    </message>
    <message>
        <source>it was written for big-endian computers; get the usual file</source>
        <translation>se escribió para equipos big-endian; consigue el archivo habitual</translation>
    </message>
    <message>
        <source>its format is GGUF 1, which is no longer in use; get a newer file</source>
        <translation>su formato es GGUF 1, que ya no se usa; consigue un archivo más nuevo</translation>
    </message>
    <message>
        <source>it says GGUF version {version}, and only 2 and 3 are known</source>
        <translation>dice ser GGUF versión {version}, y solo se conocen la 2 y la 3</translation>
    </message>
    <message>
        <source>its list {key} claims {n:,} entries</source>
        <translation>su lista {key} dice tener {n:,} entradas</translation>
    </message>
    <message>
        <source>one of its keys is empty or holds a NUL</source>
        <translation>una de sus claves está vacía o contiene un NUL</translation>
    </message>
    <message>
        <source>its key {key} is there twice</source>
        <translation>su clave {key} aparece dos veces</translation>
    </message>
    <message>
        <source>its key {key} has the unknown type {kind}</source>
        <translation>su clave {key} es del tipo desconocido {kind}</translation>
    </message>
    <message>
        <source>token {n:,} of its vocabulary holds a NUL</source>
        <translation>el token {n:,} de su vocabulario contiene un NUL</translation>
    </message>
    <message>
        <source>two tokens of its vocabulary are the same</source>
        <translation>dos tokens de su vocabulario son iguales</translation>
    </message>
    <message>
        <source>its alignment is not a power of two</source>
        <translation>su alineación no es una potencia de dos</translation>
    </message>
    <message>
        <source>its alignment is {n}, less than {least}</source>
        <translation>su alineación es {n}, menos que {least}</translation>
    </message>
    <message>
        <source>one of its tensors has no name or a NUL in it</source>
        <translation>uno de sus tensores no tiene nombre o contiene un NUL</translation>
    </message>
    <message>
        <source>its tensor {tensor} has {n:,} dimensions</source>
        <translation>su tensor {tensor} tiene {n:,} dimensiones</translation>
    </message>
    <message>
        <source>its tensor {tensor} has an impossible shape</source>
        <translation>su tensor {tensor} tiene una forma imposible</translation>
    </message>
    <message>
        <source>its tensor {tensor} is packed in a way no longer in use</source>
        <translation>su tensor {tensor} está empaquetado de una forma que ya no se usa</translation>
    </message>
    <message>
        <source>its tensor {tensor} is packed in the unknown way {n:,}</source>
        <translation>su tensor {tensor} está empaquetado de la forma desconocida {n:,}</translation>
    </message>
    <message>
        <source>two of its tensors have the same name</source>
        <translation>dos de sus tensores tienen el mismo nombre</translation>
    </message>
    <message>
        <source>its tensor {tensor} is not where it should be</source>
        <translation>su tensor {tensor} no está donde debería</translation>
    </message>
    <message>
        <source>the file ends at byte {size:,} of {needed:,}</source>
        <translation>el archivo termina en el byte {size:,} de {needed:,}</translation>
    </message>
    <message>
        <source>its head is longer than {limit:,} bytes</source>
        <translation>su cabecera tiene más de {limit:,} bytes</translation>
    </message>
    <message>
        <source>the file ends at byte {size:,}, inside its head</source>
        <translation>el archivo termina en el byte {size:,}, dentro de su cabecera</translation>
    </message>
    <message>
        <source>the text of {key} claims {n:,} bytes</source>
        <translation>el texto de {key} dice tener {n:,} bytes</translation>
    </message>
    <message>
        <source>Not a model: {what}.</source>
        <translation>No es un modelo: {what}.</translation>
    </message>
    <message>
        <source>“{model}” may mean: {models}. Say more of it.</source>
        <translation>«{model}» puede ser: {models}. Escribe algo más del nombre.</translation>
    </message>
    <message>
        <source>There is no model “{model}”. The models are: {models}.</source>
        <translation>No hay ningún modelo «{model}». Los modelos son: {models}.</translation>
    </message>
    <message>
        <source>The folder cannot be opened ({reason}).</source>
        <translation>No se puede abrir la carpeta ({reason}).</translation>
    </message>
    <message>
        <source>The folder is too large to search whole; add the folder inside it that you need.</source>
        <translation>La carpeta es demasiado grande para buscar en toda ella; añade la carpeta de dentro que necesites.</translation>
    </message>
    <message>
        <source>Not a message of the protocol: {reason}</source>
        <translation>No es un mensaje del protocolo: {reason}</translation>
    </message>
    <message>
        <source>The settings in {path} cannot be read ({reason}); defaults are used, and the file is kept.</source>
        <translation>No se pueden leer los ajustes de {path} ({reason}); se usan los predeterminados y el archivo se conserva.</translation>
    </message>
    <message>
        <source>The settings are damaged ({reason}) and cannot be set aside ({failure}).</source>
        <translation>Los ajustes están dañados ({reason}) y no se pueden apartar ({failure}).</translation>
    </message>
    <message>
        <source>The settings were damaged ({reason}); defaults are used. They were kept as {path}.</source>
        <translation>Los ajustes estaban dañados ({reason}); se usan los predeterminados. Se han guardado como {path}.</translation>
    </message>
    <message>
        <source>The settings cannot be written to {path}: {reason}.</source>
        <translation>No se pueden escribir los ajustes en {path}: {reason}.</translation>
    </message>
    <message>
        <source>The backup {path} cannot be used ({reason}). Choose another one.</source>
        <translation>La copia de seguridad {path} no se puede usar ({reason}). Elige otra.</translation>
    </message>
    <message>
        <source>This conversation is in the history already.</source>
        <translation>Esta conversación ya está en el historial.</translation>
    </message>
    <message>
        <source>This conversation is not in the history.</source>
        <translation>Esta conversación no está en el historial.</translation>
    </message>
    <message>
        <source>The disk is full, so the history in {path} cannot be written. Free some space first.</source>
        <translation>El disco está lleno y no se puede escribir el historial de {path}. Libera espacio primero.</translation>
    </message>
    <message>
        <source>Another program has the history in {path} open. Close that program first.</source>
        <translation>Otro programa tiene abierto el historial de {path}. Cierra ese programa primero.</translation>
    </message>
    <message>
        <source>The history in {path} is damaged. Try again: chatapp sets the file aside then and brings over what can be read of it.</source>
        <translation>El historial de {path} está dañado. Inténtalo de nuevo: chatapp apartará entonces el archivo y recuperará lo que se pueda leer.</translation>
    </message>
    <message>
        <source>The history in {path} cannot be opened for writing ({error}). Check that the folder exists and that you may write to the file and the folder.</source>
        <translation>No se puede abrir el historial de {path} para escribir ({error}). Comprueba que la carpeta existe y que puedes escribir en el archivo y en la carpeta.</translation>
    </message>
    <message>
        <source>This message is not in the history.</source>
        <translation>Este mensaje no está en el historial.</translation>
    </message>
    <message>
        <source>The history in {path} cannot be used ({error}).</source>
        <translation>No se puede usar el historial de {path} ({error}).</translation>
    </message>
    <message>
        <source>The disk failed to read or write {path} ({error}). Check the disk.</source>
        <translation>El disco no pudo leer o escribir {path} ({error}). Comprueba el disco.</translation>
    </message>
    <message>
        <source>The history has no place for this: what it belongs to is not there, or it is there already ({error}).</source>
        <translation>El historial no tiene sitio para esto: falta aquello a lo que pertenece, o ya está ahí ({error}).</translation>
    </message>
    <message>
        <source>There is not enough memory left for the history.</source>
        <translation>No queda memoria suficiente para el historial.</translation>
    </message>
    <message>
        <source>The history cannot hold or understand this: {error}.</source>
        <translation>El historial no puede guardar o entender esto: {error}.</translation>
    </message>
    <message>
        <source>This reply is not in the history.</source>
        <translation>Esta respuesta no está en el historial.</translation>
    </message>
    <message>
        <source>The message that this belongs to was deleted.</source>
        <translation>El mensaje al que esto pertenece se eliminó.</translation>
    </message>
    <message>
        <source>This reply is not being written.</source>
        <translation>Esta respuesta no se está escribiendo.</translation>
    </message>
    <message>
        <source>The history in {path} was written by a newer chatapp (its format is {version}, this one knows up to {known}). Update chatapp. The file was not changed.</source>
        <translation>El historial de {path} lo escribió un chatapp más nuevo (su formato es {version}; este conoce hasta el {known}). Actualiza chatapp. El archivo no se ha modificado.</translation>
    </message>
    <message>
        <source>The history was damaged. What could be read of it was brought into a new one: conversations: {conversations}, messages: {messages}, messages lost: {lost}. The damaged file was kept as {path}.</source>
        <translation>El historial estaba dañado. Lo que se pudo leer se pasó a uno nuevo: conversaciones: {conversations}, mensajes: {messages}, mensajes perdidos: {lost}. El archivo dañado se ha guardado como {path}.</translation>
    </message>
    <message>
        <source>This reply is still being written. Stop it first.</source>
        <translation>Esta respuesta aún se está escribiendo. Detenla primero.</translation>
    </message>
    <message>
        <source>This message was deleted.</source>
        <translation>Este mensaje se eliminó.</translation>
    </message>
    <message>
        <source>The model&apos;s chat template refuses this conversation: {reason}</source>
        <translation>La plantilla de chat del modelo rechaza esta conversación: {reason}</translation>
    </message>
    <message>
        <source>The model&apos;s chat template cannot be read (line {line}: {reason}).</source>
        <translation>No se puede leer la plantilla de chat del modelo (línea {line}: {reason}).</translation>
    </message>
    <message>
        <source>The model&apos;s chat template took too long and was stopped.</source>
        <translation>La plantilla de chat del modelo tardó demasiado y se detuvo.</translation>
    </message>
    <message>
        <source>The model&apos;s chat template fails ({reason}).</source>
        <translation>La plantilla de chat del modelo falla ({reason}).</translation>
    </message>
    <message>
        <source>{what} Try another file of this model.</source>
        <translation>{what} Prueba con otro archivo de este modelo.</translation>
    </message>
    <message>
        <source>It holds no message.</source>
        <translation>No contiene ningún mensaje.</translation>
    </message>
    <message>
        <source>There is nothing in these conversations that this kind of file can hold.</source>
        <translation>En estas conversaciones no hay nada que quepa en este tipo de archivo.</translation>
    </message>
    <message>
        <source>The disk is full, so {name} was not written. Free some space first.</source>
        <translation>El disco está lleno y {name} no se ha escrito. Libera espacio primero.</translation>
    </message>
    <message>
        <source>You may not write into {folder}. Choose another folder.</source>
        <translation>No puedes escribir en {folder}. Elige otra carpeta.</translation>
    </message>
    <message>
        <source>{name} could not be written ({reason}).</source>
        <translation>No se pudo escribir {name} ({reason}).</translation>
    </message>
    <message>
        <source>It is not as it should be ({reason}).</source>
        <translation>No es como debería ser ({reason}).</translation>
    </message>
    <message>
        <source>{conversation}: {reason}</source>
        <translation>{conversation}: {reason}</translation>
    </message>
    <message>
        <source>It is no conversation in a form that is known.</source>
        <translation>No es una conversación en un formato conocido.</translation>
    </message>
    <message>
        <source>A conversation without a title</source>
        <translation>Una conversación sin título</translation>
    </message>
    <message>
        <source>“{title}”</source>
        <translation>«{title}»</translation>
    </message>
    <message>
        <source>It holds no conversations.</source>
        <translation>No contiene conversaciones.</translation>
    </message>
    <message>
        <source>It ends in the middle; what should follow is missing.</source>
        <translation>Termina a la mitad; falta lo que debería seguir.</translation>
    </message>
    <message>
        <source>From some place on it is damaged; what follows could not be read.</source>
        <translation>A partir de cierto punto está dañado; lo que sigue no se pudo leer.</translation>
    </message>
    <message>
        <source>A newer chatapp wrote it. Update chatapp, then try again.</source>
        <translation>Lo escribió una versión más nueva de chatapp. Actualiza chatapp e inténtalo de nuevo.</translation>
    </message>
    <message>
        <source>It is nested deeper than any conversation is.</source>
        <translation>Está anidado más hondo que ninguna conversación.</translation>
    </message>
    <message>
        <source>It is larger than any can be.</source>
        <translation>Es más grande de lo que puede ser.</translation>
    </message>
    <message>
        <source>It holds a conversation that is larger than any can be.</source>
        <translation>Contiene una conversación más grande de lo que puede ser.</translation>
    </message>
    <message>
        <source>{name} is a damaged archive ({reason}).</source>
        <translation>{name} es un archivo comprimido dañado ({reason}).</translation>
    </message>
    <message>
        <source>{name} cannot be read ({reason}).</source>
        <translation>No se puede leer {name} ({reason}).</translation>
    </message>
    <message>
        <source>The archive holds no conversations (no conversations.json).</source>
        <translation>El archivo comprimido no contiene conversaciones (falta conversations.json).</translation>
    </message>
    <message>
        <source>The archive holds more files of conversations than any export does.</source>
        <translation>El archivo comprimido contiene más archivos de conversaciones que cualquier exportación.</translation>
    </message>
    <message>
        <source>The archive is locked with a password. Unlock it first.</source>
        <translation>El archivo comprimido está protegido con contraseña. Desbloquéalo primero.</translation>
    </message>
    <message>
        <source>The archive unpacks to far more than it can honestly hold.</source>
        <translation>El archivo comprimido ocupa al abrirse mucho más de lo que es posible.</translation>
    </message>
    <message>
        <source>Its messages are tangled beyond what can be followed.</source>
        <translation>Sus mensajes están tan enredados que no se pueden seguir.</translation>
    </message>
    <message>
        <source>it is longer than {limit:,} bytes</source>
        <translation>tiene más de {limit:,} bytes</translation>
    </message>
    <message>
        <source>it is no text</source>
        <translation>no es texto</translation>
    </message>
    <message>
        <source>it is no JSON ({reason})</source>
        <translation>no es JSON ({reason})</translation>
    </message>
    <message>
        <source>it holds no JSON object</source>
        <translation>no contiene ningún objeto JSON</translation>
    </message>
    <message>
        <source>it has no tokens</source>
        <translation>no tiene ningún token</translation>
    </message>
    <message>
        <source>its largest id is {n:,}</source>
        <translation>su id más alto es {n:,}</translation>
    </message>
    <message>
        <source>Not a model: it has no tokenizer.json, and no vocab.json or vocab.txt.</source>
        <translation>No es un modelo: no tiene tokenizer.json, ni vocab.json ni vocab.txt.</translation>
    </message>
    <message>
        <source>it is no tokenizer ({reason})</source>
        <translation>no es un tokenizador ({reason})</translation>
    </message>
    <message>
        <source>its ids are no numbers</source>
        <translation>sus ids no son números</translation>
    </message>
    <message>
        <source>its vocabulary lacks {token}</source>
        <translation>a su vocabulario le falta {token}</translation>
    </message>
    <message>
        <source>its vocabulary cannot be read ({reason})</source>
        <translation>su vocabulario no se puede leer ({reason})</translation>
    </message>
    <message>
        <source>Its vocabulary cuts texts in a way this program does not know ({kind}); a newer version may.</source>
        <translation>Su vocabulario corta los textos de una manera que este programa no conoce ({kind}); una versión más nueva quizá sí.</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Conversaciones</translation>
    </message>
    <message>
        <source>Exported by chatapp</source>
        <translation>Exportado por chatapp</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>Instrucciones</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>Razonamiento</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>interrumpida</translation>
    </message>
    <message>
        <source>stopped by the user</source>
        <translation>detenida por el usuario</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fallida</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Conversación</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Tú</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>Asistente</translation>
    </message>
    <message>
        <source>The history in {path} can be read but not written ({error}), so nothing new can be kept in it. Check that you may write to the file and the folder, then start chatapp again.</source>
        <translation>El historial de {path} se puede leer, pero no escribir ({error}), así que no se puede guardar en él nada nuevo. Comprueba que puedes escribir en el archivo y en la carpeta y vuelve a abrir chatapp.</translation>
    </message>
    <message>
        <source>It was written by a newer version of this program.</source>
        <translation>Lo escribió una versión más nueva de este programa.</translation>
    </message>
    <message>
        <source>its layers cannot be adapted: {reason}</source>
        <translation>sus capas no se pueden adaptar: {reason}</translation>
    </message>
    <message>
        <source>it has no layer {name}</source>
        <translation>no tiene la capa {name}</translation>
    </message>
    <message>
        <source>It was made for another model ({reason}).</source>
        <translation>Se hizo para otro modelo ({reason}).</translation>
    </message>
    <message>
        <source>Its architecture is unknown here ({kind}).</source>
        <translation>Su arquitectura no se conoce aquí ({kind}).</translation>
    </message>
    <message>
        <source>Its tensor {tensor} is packed as {kind}, which cannot be unpacked here; get another version of the file.</source>
        <translation>Su tensor {tensor} está empaquetado como {kind}, que aquí no se puede desempaquetar; consiga otra versión del archivo.</translation>
    </message>
    <message>
        <source>The native engine does not know {key} = {value}; llama.cpp may.</source>
        <translation>El motor nativo no conoce {key} = {value}; llama.cpp quizá sí.</translation>
    </message>
    <message>
        <source>The native engine does not know {key} = {value}.</source>
        <translation>El motor nativo no conoce {key} = {value}.</translation>
    </message>
    <message>
        <source>its sizes make no network ({reason})</source>
        <translation>sus tamaños no forman ninguna red ({reason})</translation>
    </message>
    <message>
        <source>its tensor {tensor} of shape {shape} is missing</source>
        <translation>falta su tensor {tensor} de forma {shape}</translation>
    </message>
    <message>
        <source>its tensor {tensor} has the shape {shape} and should have {expected}</source>
        <translation>su tensor {tensor} tiene la forma {shape} y debería tener {expected}</translation>
    </message>
    <message>
        <source>its tensor {tensor} of shape {shape} belongs to no part of the model</source>
        <translation>su tensor {tensor} de forma {shape} no pertenece a ninguna parte del modelo</translation>
    </message>
    <message>
        <source>its vocabulary has {n:,} tokens and its network knows {limit:,}</source>
        <translation>su vocabulario tiene {n:,} tokens y su red conoce {limit:,}</translation>
    </message>
    <message>
        <source>it names no tensors</source>
        <translation>no nombra ningún tensor</translation>
    </message>
    <message>
        <source>it gives no file for {tensor}</source>
        <translation>no da ningún archivo para {tensor}</translation>
    </message>
    <message>
        <source>it names {n:,} files</source>
        <translation>nombra {n:,} archivos</translation>
    </message>
    <message>
        <source>It names {file}, which is missing.</source>
        <translation>Nombra {file}, que falta.</translation>
    </message>
    <message>
        <source>{file} lacks the tensor {tensor}</source>
        <translation>a {file} le falta el tensor {tensor}</translation>
    </message>
    <message>
        <source>its tensor {tensor} is there twice</source>
        <translation>su tensor {tensor} está dos veces</translation>
    </message>
    <message>
        <source>it is no safetensors file ({reason})</source>
        <translation>no es un archivo safetensors ({reason})</translation>
    </message>
    <message>
        <source>it names {file}, which is no file of its folder</source>
        <translation>nombra {file}, que no es un archivo de su carpeta</translation>
    </message>
    <message>
        <source>A text has {needs:,} tokens and the model reads {limit:,} at most. Shorten it, or cut it into parts.</source>
        <translation>Un texto tiene {needs:,} tokens y el modelo lee {limit:,} como máximo. Acórtalo o divídelo en partes.</translation>
    </message>
    <message>
        <source>There is nothing to score: the text is empty or one token.</source>
        <translation>No hay nada que puntuar: el texto está vacío o es un solo token.</translation>
    </message>
    <message>
        <source>Our own networks do not chat with this architecture ({kind}).</source>
        <translation>Nuestras redes propias no conversan con esta arquitectura ({kind}).</translation>
    </message>
    <message>
        <source>{file} is damaged. Fetch the model again.</source>
        <translation>{file} está dañado. Vuelve a obtener el modelo.</translation>
    </message>
    <message>
        <source>There is no question.</source>
        <translation>No hay ninguna pregunta.</translation>
    </message>
    <message>
        <source>The question “{question}” has no answer.</source>
        <translation>La pregunta «{question}» no tiene respuesta.</translation>
    </message>
    <message>
        <source>The answer “{answer}” is not in its context, word for word.</source>
        <translation>La respuesta «{answer}» no está en su contexto, palabra por palabra.</translation>
    </message>
    <message>
        <source>Say which of its columns ({names}) are text, or text and label, or source and target, or context, question and answers, or prompt and response.</source>
        <translation>Indica cuáles de sus columnas ({names}) son text, o text y label, o source y target, o context, question y answers, o prompt y response.</translation>
    </message>
    <message>
        <source>There is no column {column}; there are: {names}.</source>
        <translation>No hay ninguna columna {column}; hay: {names}.</translation>
    </message>
    <message>
        <source>There is no text in the column {name}.</source>
        <translation>No hay texto en la columna {name}.</translation>
    </message>
    <message>
        <source>This row has no label in the column {name}.</source>
        <translation>Esta fila no tiene etiqueta en la columna {name}.</translation>
    </message>
    <message>
        <source>This row has no answer in the column {name}.</source>
        <translation>Esta fila no tiene respuesta en la columna {name}.</translation>
    </message>
    <message>
        <source>The answers are no list of texts ({reason}).</source>
        <translation>Las respuestas no son una lista de textos ({reason}).</translation>
    </message>
    <message>
        <source>No file to learn from is named.</source>
        <translation>No se ha indicado ningún archivo del que aprender.</translation>
    </message>
    <message>
        <source>There is no .txt or .md file in this folder.</source>
        <translation>No hay ningún archivo .txt ni .md en esta carpeta.</translation>
    </message>
    <message>
        <source>Parallel text is two files; named are: {n}.</source>
        <translation>El texto paralelo son dos archivos; indicados: {n}.</translation>
    </message>
    <message>
        <source>From here on the other file has no lines.</source>
        <translation>A partir de aquí el otro archivo no tiene líneas.</translation>
    </message>
    <message>
        <source>This line is empty; in the other file it is not.</source>
        <translation>Esta línea está vacía; en el otro archivo no lo está.</translation>
    </message>
    <message>
        <source>It should be {{&quot;messages&quot;: [{{&quot;role&quot;: …, &quot;content&quot;: …}}]}} ({reason}).</source>
        <translation>Debería ser {{&quot;messages&quot;: [{{&quot;role&quot;: …, &quot;content&quot;: …}}]}} ({reason}).</translation>
    </message>
    <message>
        <source>There is no reply of the assistant to learn from.</source>
        <translation>No hay ninguna respuesta del asistente de la que aprender.</translation>
    </message>
    <message>
        <source>There is nothing to evaluate on in these files.</source>
        <translation>En estos archivos no hay nada con lo que evaluar.</translation>
    </message>
    <message>
        <source>There are too few examples for {n} folds.</source>
        <translation>Hay muy pocos ejemplos para {n} partes.</translation>
    </message>
    <message>
        <source>There are too few different examples to hold some out; bring more of them.</source>
        <translation>Hay muy pocos ejemplos distintos para reservar algunos; trae más.</translation>
    </message>
    <message>
        <source>There is nothing to learn from in these files.</source>
        <translation>En estos archivos no hay nada de lo que aprender.</translation>
    </message>
    <message>
        <source>Text to learn from: {n:,} characters. That is too little; bring {least:,} or more.</source>
        <translation>Texto del que aprender: {n:,} caracteres. Es muy poco; trae {least:,} o más.</translation>
    </message>
    <message>
        <source>Different examples to learn from: {n}. That is too few; bring {least} or more.</source>
        <translation>Ejemplos distintos de los que aprender: {n}. Son muy pocos; trae {least} o más.</translation>
    </message>
    <message>
        <source>All rows are labelled “{label}”; there is nothing to tell it from.</source>
        <translation>Todas las filas llevan la etiqueta «{label}»; no hay nada de lo que distinguirla.</translation>
    </message>
    <message>
        <source>Examples labelled “{label}” to learn from: {n}. Bring {least} or more of each label.</source>
        <translation>Ejemplos con la etiqueta «{label}» de los que aprender: {n}. Trae {least} o más de cada etiqueta.</translation>
    </message>
    <message>
        <source>It is not written as SQuAD 1.1 is ({reason}).</source>
        <translation>No está escrito como SQuAD 1.1 ({reason}).</translation>
    </message>
    <message>
        <source>There are no questions in it, as SQuAD 1.1 has under “data”.</source>
        <translation>No contiene preguntas, como las que SQuAD 1.1 tiene en «data».</translation>
    </message>
    <message>
        <source>This is no JSON ({reason}).</source>
        <translation>Esto no es JSON ({reason}).</translation>
    </message>
    <message>
        <source>It should be an object like {{&quot;text&quot;: &quot;…&quot;}}.</source>
        <translation>Debería ser un objeto como {{&quot;text&quot;: &quot;…&quot;}}.</translation>
    </message>
    <message>
        <source>Here the number of columns is {n}, in the first line {first}.</source>
        <translation>Aquí el número de columnas es {n}, en la primera línea {first}.</translation>
    </message>
    <message>
        <source>Two columns have the name “{name}”.</source>
        <translation>Dos columnas tienen el nombre «{name}».</translation>
    </message>
    <message>
        <source>From here on this is no CSV ({reason}); is a quote missing?</source>
        <translation>A partir de aquí esto no es CSV ({reason}); ¿falta una comilla?</translation>
    </message>
    <message>
        <source>{file}, line {line:,}: {what}</source>
        <translation>{file}, línea {line:,}: {what}</translation>
    </message>
    <message>
        <source>{file}: {what}</source>
        <translation>{file}: {what}</translation>
    </message>
    <message>
        <source>This is no file; name the files in it.</source>
        <translation>Esto no es un archivo; indica los archivos que contiene.</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>El archivo está vacío.</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>No existe tal archivo.</translation>
    </message>
    <message>
        <source>The packed file is damaged; copy or download it again.</source>
        <translation>El archivo comprimido está dañado; cópialo o descárgalo de nuevo.</translation>
    </message>
    <message>
        <source>It is longer than {n:,} bytes.</source>
        <translation>Tiene más de {n:,} bytes.</translation>
    </message>
    <message>
        <source>The byte {byte} at place {place:,} is no UTF-8: the file seems to be Latin-1 or Windows-1252. Open it in a text editor and save it as UTF-8.</source>
        <translation>El byte {byte} en la posición {place:,} no es UTF-8: el archivo parece ser Latin-1 o Windows-1252. Ábrelo en un editor de texto y guárdalo como UTF-8.</translation>
    </message>
    <message>
        <source>The file is UTF-16. Open it in a text editor and save it as UTF-8.</source>
        <translation>El archivo es UTF-16. Ábrelo en un editor de texto y guárdalo como UTF-8.</translation>
    </message>
    <message>
        <source>This is no text but some program&apos;s own file, perhaps Excel, Word or PDF. Save it there as CSV or plain text.</source>
        <translation>Esto no es texto, sino el archivo propio de algún programa, quizá Excel, Word o PDF. Guárdalo allí como CSV o texto sin formato.</translation>
    </message>
    <message>
        <source>The file cannot be written ({reason}).</source>
        <translation>No se puede escribir el archivo ({reason}).</translation>
    </message>
    <message>
        <source>There are no ids in this file.</source>
        <translation>En este archivo no hay identificadores.</translation>
    </message>
    <message>
        <source>llama.cpp leaves out of a text the characters that this vocabulary lacks; here they are read as one token for all of them.</source>
        <translation>llama.cpp omite de un texto los caracteres que faltan en este vocabulario; aquí se leen como un solo token para todos ellos.</translation>
    </message>
    <message>
        <source>the disk is full</source>
        <translation>el disco está lleno</translation>
    </message>
    <message>
        <source>{file} cannot be written: {reason}.</source>
        <translation>No se puede escribir {file}: {reason}.</translation>
    </message>
    <message>
        <source>llama.cpp does not know this architecture ({kind}); GPT-2 and Llama can be exported.</source>
        <translation>llama.cpp no conoce esta arquitectura ({kind}); se pueden exportar GPT-2 y Llama.</translation>
    </message>
    <message>
        <source>llama.cpp knows GPT-2 only, which normalises before each layer and whose activation is gelu_new.</source>
        <translation>llama.cpp solo conoce GPT-2, que normaliza antes de cada capa y cuya activación es gelu_new.</translation>
    </message>
    <message>
        <source>llama.cpp does not stretch positions by YaRN as this model does.</source>
        <translation>llama.cpp no estira las posiciones con YaRN como lo hace este modelo.</translation>
    </message>
    <message>
        <source>it ends or begins texts in another way</source>
        <translation>termina o empieza los textos de otra manera</translation>
    </message>
    <message>
        <source>its rules are others</source>
        <translation>sus reglas son otras</translation>
    </message>
    <message>
        <source>it is of the kind {kind}</source>
        <translation>es del tipo {kind}</translation>
    </message>
    <message>
        <source>it cuts texts into words by expressions of its own</source>
        <translation>corta los textos en palabras con expresiones propias</translation>
    </message>
    <message>
        <source>no token of it ends a text, and llama.cpp wants one that does</source>
        <translation>ningún token suyo termina un texto, y llama.cpp necesita uno que lo haga</translation>
    </message>
    <message>
        <source>llama.cpp has no vocabulary that cuts texts as this model&apos;s does: {reason}.</source>
        <translation>llama.cpp no tiene un vocabulario que corte los textos como el de este modelo: {reason}.</translation>
    </message>
    <message>
        <source>This is the lite edition of chatapp, without PyTorch, which running, training and exporting with its own networks needs. The full edition has it: take chatapp-{version} from where you took chatapp-lite-{version}.</source>
        <translation>Esta es la edición ligera de chatapp, sin PyTorch, que hace falta para ejecutar, entrenar y exportar con sus propias redes. La edición completa lo incluye: toma chatapp-{version} de donde tomaste chatapp-lite-{version}.</translation>
    </message>
    <message>
        <source>Own networks need PyTorch, which is not installed. “make run” installs it; by hand: pip install {packages}</source>
        <translation>Las redes propias necesitan PyTorch, que no está instalado. «make run» lo instala; a mano: pip install {packages}</translation>
    </message>
    <message>
        <source>--fsdp divides a model among several processes: start them with torchrun.</source>
        <translation>--fsdp reparte un modelo entre varios procesos: inícialos con torchrun.</translation>
    </message>
    <message>
        <source>There is no run of {file} to go on with.</source>
        <translation>No hay ningún entrenamiento de {file} con el que seguir.</translation>
    </message>
    <message>
        <source>{file} cannot be gone on from: {reason}.</source>
        <translation>No se puede continuar desde {file}: {reason}.</translation>
    </message>
    <message>
        <source>[model] sizes: {name} is no size of {architecture}. It has {known}.</source>
        <translation>[model] sizes: {name} no es un tamaño de {architecture}. Tiene {known}.</translation>
    </message>
    <message>
        <source>[model] sizes: this makes no sense: {reason}.</source>
        <translation>[model] sizes: esto no tiene sentido: {reason}.</translation>
    </message>
    <message>
        <source>There are too few conversations with a reply to learn from.</source>
        <translation>Hay muy pocas conversaciones con respuesta de las que aprender.</translation>
    </message>
    <message>
        <source>This model does not write text, so it cannot learn to reply.</source>
        <translation>Este modelo no escribe texto, así que no puede aprender a responder.</translation>
    </message>
    <message>
        <source>There is too little text to learn from. Add some.</source>
        <translation>Hay muy poco texto del que aprender. Añade más.</translation>
    </message>
    <message>
        <source>This tokenizer has no [MASK], so nothing can be hidden. Use a tokenizer as BERT&apos;s.</source>
        <translation>Este tokenizador no tiene [MASK], así que no se puede ocultar nada. Usa uno como el de BERT.</translation>
    </message>
    <message>
        <source>Only a BERT learns the tokens that are hidden. Choose a BERT.</source>
        <translation>Solo un BERT aprende los tokens ocultos. Elige un BERT.</translation>
    </message>
    <message>
        <source>This model does not write text word by word. Choose a GPT, Llama, RNN, LSTM or GRU.</source>
        <translation>Este modelo no escribe texto palabra por palabra. Elige un GPT, Llama, RNN, LSTM o GRU.</translation>
    </message>
    <message>
        <source>There is too little text: {n:,} tokens on one side, and an example alone has {size:,}. Add texts, or make block_size smaller.</source>
        <translation>Hay muy poco texto: {n:,} tokens en un lado, y un solo ejemplo tiene {size:,}. Añade textos o reduce block_size.</translation>
    </message>
    <message>
        <source>This model does not turn one text into another. Choose a Transformer or seq2seq.</source>
        <translation>Este modelo no convierte un texto en otro. Elige un Transformer o seq2seq.</translation>
    </message>
    <message>
        <source>{objective} learns from {needs}, and the data holds something else. Name the columns that hold them in [data.train] columns.</source>
        <translation>{objective} aprende de {needs}, y los datos contienen otra cosa. Nombra las columnas que los contienen en [data.train] columns.</translation>
    </message>
    <message>
        <source>[model] freeze: {objective} puts no new head on the model, so nothing would be left to learn. Leave it out.</source>
        <translation>[model] freeze: {objective} no pone ninguna cabeza nueva en el modelo, así que no quedaría nada que aprender. Quítalo.</translation>
    </message>
    <message>
        <source>[model] freeze: a new network has nothing to keep. Name a model in [model] start.</source>
        <translation>[model] freeze: una red nueva no tiene nada que conservar. Indica un modelo en [model] start.</translation>
    </message>
    <message>
        <source>[model] freeze and adapter contradict each other. Leave one of them out.</source>
        <translation>[model] freeze y adapter se contradicen. Quita uno de los dos.</translation>
    </message>
    <message>
        <source>{path} is being trained already.</source>
        <translation>{path} ya se está entrenando.</translation>
    </message>
    <message>
        <source>{file} could not be used: {reason}. The last checkpoint is still there. Make room if the disk is full, then resume the run.</source>
        <translation>{file} no se pudo usar: {reason}. El último punto de control sigue ahí. Haz sitio si el disco está lleno y reanuda el entrenamiento.</translation>
    </message>
    <message>
        <source>Batches of {n_rows} examples are too small for {n} processes. Choose a larger batch_size.</source>
        <translation>Los lotes de {n_rows} ejemplos son demasiado pequeños para {n} procesos. Elige un batch_size mayor.</translation>
    </message>
    <message>
        <source>--fsdp cannot share batches of {n_rows} examples among {n} processes evenly. Choose another batch_size.</source>
        <translation>--fsdp no puede repartir por igual lotes de {n_rows} ejemplos entre {n} procesos. Elige otro batch_size.</translation>
    </message>
    <message>
        <source>{file} cannot be read: {reason}.</source>
        <translation>No se puede leer {file}: {reason}.</translation>
    </message>
    <message>
        <source>{file} is no recipe: {reason}.</source>
        <translation>{file} no es una receta: {reason}.</translation>
    </message>
    <message>
        <source>{file}: this makes no sense: {reason}.</source>
        <translation>{file}: esto no tiene sentido: {reason}.</translation>
    </message>
    <message>
        <source>{path} is there already. Choose another name for the run.</source>
        <translation>{path} ya existe. Elige otro nombre para el entrenamiento.</translation>
    </message>
    <message>
        <source>{path} cannot be made: {reason}.</source>
        <translation>No se puede crear {path}: {reason}.</translation>
    </message>
    <message>
        <source>{path} is a run of another recipe: only [training] may be changed.</source>
        <translation>{path} es un entrenamiento de otra receta: solo se puede cambiar [training].</translation>
    </message>
    <message>
        <source>Memory ran out, with {n:,} of the examples taken at a time. Make micro_batch, their length or the model smaller, and train anew.</source>
        <translation>Se agotó la memoria con {n:,} de los ejemplos a la vez. Reduce micro_batch, su longitud o el modelo, y entrena de nuevo.</translation>
    </message>
    <message>
        <source>The loss is no number any more at step {step:,}. The last checkpoint is from before. Try a lower learning rate, more warm-up steps, or a tighter limit on the gradient (grad_clip).</source>
        <translation>La pérdida ya no es un número en el paso {step:,}. El último punto de control es de antes. Prueba con una tasa de aprendizaje menor, más pasos de calentamiento o un límite más estrecho del gradiente (grad_clip).</translation>
    </message>
    <message>
        <source>A question and a part of its text have no room in {size} tokens. Make block_size or max_length {least} or more.</source>
        <translation>Una pregunta y una parte de su texto no caben en {size} tokens. Pon block_size o max_length en {least} o más.</translation>
    </message>
    <message>
        <source>This model cannot mark an answer: it reads one way only, or cannot tell a question from its text. Choose a BERT.</source>
        <translation>Este modelo no puede marcar una respuesta: solo lee en un sentido, o no distingue una pregunta de su texto. Elige un BERT.</translation>
    </message>
    <message>
        <source>This model cannot learn to put labels on texts. Choose a BERT, GPT, Llama, RNN, LSTM or GRU.</source>
        <translation>Este modelo no puede aprender a poner etiquetas a textos. Elige un BERT, GPT, Llama, RNN, LSTM o GRU.</translation>
    </message>
    <message>
        <source>This model puts no labels on texts. Choose a classifier.</source>
        <translation>Este modelo no pone etiquetas a textos. Elige un clasificador.</translation>
    </message>
    <message>
        <source>This model finds no answers in texts. Choose one that was taught to.</source>
        <translation>Este modelo no encuentra respuestas en textos. Elige uno que lo haya aprendido.</translation>
    </message>
    <message>
        <source>The training ended before it began. Its log says: {line}</source>
        <translation>El entrenamiento terminó antes de empezar. Su registro dice: {line}</translation>
    </message>
    <message>
        <source>The training ended before it began, without a word.</source>
        <translation>El entrenamiento terminó antes de empezar, sin decir nada.</translation>
    </message>
    <message>
        <source>This model does not turn one text into another. Choose one that was taught to.</source>
        <translation>Este modelo no convierte un texto en otro. Elige uno que lo haya aprendido.</translation>
    </message>
    <message>
        <source>There is too little text to measure on.</source>
        <translation>Hay muy poco texto con el que medir.</translation>
    </message>
    <message>
        <source>This model does not predict how a text goes on, so there is nothing to measure.</source>
        <translation>Este modelo no predice cómo sigue un texto, así que no hay nada que medir.</translation>
    </message>
    <message>
        <source>llama.cpp could not pack the model as {kind}, perhaps for want of room on the disk: {reason}</source>
        <translation>llama.cpp no pudo empaquetar el modelo como {kind}, quizá por falta de espacio en el disco: {reason}</translation>
    </message>
    <message>
        <source>The engine cannot be started: {reason}.</source>
        <translation>No se puede iniciar el motor: {reason}.</translation>
    </message>
    <message>
        <source>The process that looked at it has ended without a word. Perhaps it needed more memory than is free: close other programs, or take less data or a smaller model.</source>
        <translation>El proceso que lo examinaba ha terminado sin decir nada. Quizá necesitaba más memoria de la que hay libre: cierra otros programas, o toma menos datos o un modelo más pequeño.</translation>
    </message>
    <message>
        <source>The process that had the model open has ended without a word. Perhaps it needed more memory than is free: close other programs, or give it a shorter text.</source>
        <translation>El proceso que tenía abierto el modelo ha terminado sin decir nada. Quizá necesitaba más memoria de la que hay libre: cierra otros programas o dale un texto más corto.</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}.</source>
        <translation>No se puede escribir {path}: {reason}.</translation>
    </message>
    <message>
        <source>How much of the gradient comes back</source>
        <translation>Cuánto gradiente vuelve</translation>
    </message>
    <message>
        <source>distance (tokens)</source>
        <translation>distancia (tokens)</translation>
    </message>
    <message>
        <source>gradient (of the last token: 1)</source>
        <translation>gradiente (el del último token: 1)</translation>
    </message>
    <message>
        <source>Mean over {n} random texts of {length} tokens, untrained networks of two layers with about 100,000 weights each, computed in float64.</source>
        <translation>Media de {n} textos al azar de {length} tokens; redes sin entrenar de dos capas con unos 100.000 pesos cada una, calculadas en float64.</translation>
    </message>
    <message>
        <source>All read the text in characters, the same ones held out; evaluations count as time. Of each the state is measured whose loss was least.</source>
        <translation>Todas leen el texto por caracteres, con los mismos apartados; las evaluaciones cuentan como tiempo. De cada una se mide el estado de menor pérdida.</translation>
    </message>
    <message>
        <source>Whether a fact is still known</source>
        <translation>Si un dato se recuerda todavía</translation>
    </message>
    <message>
        <source>distance of the fact (tokens)</source>
        <translation>distancia del dato (tokens)</translation>
    </message>
    <message>
        <source>share of right answers</source>
        <translation>proporción de aciertos</translation>
    </message>
    <message>
        <source>{n_fact} facts, so chance is {chance:.2f}; {n_steps:,} updates of {n} texts with distances up to {furthest}, networks of two layers with about 100,000 weights each.</source>
        <translation>{n_fact} datos, así que el azar acierta {chance:.2f}; {n_steps:,} actualizaciones de {n} textos con distancias de hasta {furthest}; redes de dos capas con unos 100.000 pesos cada una.</translation>
    </message>
    <message>
        <source>This is measured on data of yours: name the files.</source>
        <translation>Esto se mide con datos tuyos: indica los archivos.</translation>
    </message>
    <message>
        <source>{name} is learning.</source>
        <translation>{name} está aprendiendo.</translation>
    </message>
    <message>
        <source>How the loss of what is held out fell</source>
        <translation>Cómo bajó la pérdida de lo apartado</translation>
    </message>
    <message>
        <source>minutes of training</source>
        <translation>minutos de entrenamiento</translation>
    </message>
    <message>
        <source>loss (nats)</source>
        <translation>pérdida (nats)</translation>
    </message>
    <message>
        <source>{name}: {weights:,} weights, {steps:,} updates in {minutes:.1f} minutes.</source>
        <translation>{name}: {weights:,} pesos, {steps:,} actualizaciones en {minutes:.1f} minutos.</translation>
    </message>
    <message>
        <source>How fast networks train on longer texts</source>
        <translation>A qué velocidad aprenden las redes de textos más largos</translation>
    </message>
    <message>
        <source>length of a text (tokens)</source>
        <translation>longitud de un texto (tokens)</translation>
    </message>
    <message>
        <source>tokens a second</source>
        <translation>tokens por segundo</translation>
    </message>
    <message>
        <source>Updates of {n_tokens:,} tokens in all, median of {repeats} in turns, on {threads} threads of the processor; networks of two layers with about 100,000 weights each.</source>
        <translation>Actualizaciones de {n_tokens:,} tokens en total, mediana de {repeats} por turnos, con {threads} hilos del procesador; redes de dos capas con unos 100.000 pesos cada una.</translation>
    </message>
    <message>
        <source>BERT from scratch</source>
        <translation>BERT desde cero</translation>
    </message>
    <message>
        <source>GPT from scratch</source>
        <translation>GPT desde cero</translation>
    </message>
    <message>
        <source>BERT trained before, frozen</source>
        <translation>BERT ya entrenado, congelado</translation>
    </message>
    <message>
        <source>GPT trained before, frozen</source>
        <translation>GPT ya entrenado, congelado</translation>
    </message>
    <message>
        <source>BERT trained before, fine-tuned</source>
        <translation>BERT ya entrenado, ajustado</translation>
    </message>
    <message>
        <source>GPT trained before, fine-tuned</source>
        <translation>GPT ya entrenado, ajustado</translation>
    </message>
    <message>
        <source>No trained {kind} was named, so its two rows are left out.</source>
        <translation>No se indicó ningún {kind} entrenado, así que faltan sus dos filas.</translation>
    </message>
    <message>
        <source>Learned from {n:,} texts, measured on {held_out:,} others. Of a frozen model only a layer on the mean of its vectors learns.</source>
        <translation>Aprendido de {n:,} textos, medido con otros {held_out:,}. De un modelo congelado solo aprende una capa sobre la media de sus vectores.</translation>
    </message>
    <message>
        <source>{model} needs {needs:.1f} GB of memory to be learned on from, and {has:.1f} GB are free. Close other programs, or choose a smaller model.</source>
        <translation>{model} necesita {needs:.1f} GB de memoria para seguir aprendiendo y hay {has:.1f} GB libres. Cierra otros programas o elige un modelo más pequeño.</translation>
    </message>
    <message>
        <source>{path} is no encoder like BERT, which reads both ways.</source>
        <translation>{path} no es un codificador como BERT, que lee en ambos sentidos.</translation>
    </message>
    <message>
        <source>{path} is no model like GPT, which reads from left to right.</source>
        <translation>{path} no es un modelo como GPT, que lee de izquierda a derecha.</translation>
    </message>
    <message>
        <source>The trained {kind} is {name}, tuned by an adapter beside its weights.</source>
        <translation>El {kind} entrenado es {name}, ajustado con un adaptador junto a sus pesos.</translation>
    </message>
    <message>
        <source>The trained {kind} is {name}.</source>
        <translation>El {kind} entrenado es {name}.</translation>
    </message>
    <message>
        <source>How fast each learns the labels</source>
        <translation>Con qué rapidez aprende cada uno las etiquetas</translation>
    </message>
    <message>
        <source>times through the texts</source>
        <translation>pasadas por los textos</translation>
    </message>
    <message>
        <source>attention</source>
        <translation>atención</translation>
    </message>
    <message>
        <source>gradient_checkpointing has no effect on this network: it is not made of blocks. Leave it out, or choose a GPT, Llama, BERT or Transformer.</source>
        <translation>gradient_checkpointing no tiene efecto en esta red: no está hecha de bloques. Quítalo, o elige una red GPT, Llama, BERT o Transformer.</translation>
    </message>
</context>
<context>
    <name>AlignmentMap</name>
    <message>
        <source>What each token written looked at</source>
        <translation>En qué se fijó cada token escrito</translation>
    </message>
    <message>
        <source>“{token}” looked at {tokens}</source>
        <translation>“{token}” se fijó en {tokens}</translation>
    </message>
</context>
<context>
    <name>AnswerTrial</name>
    <message>
        <source>The text in which the answer stands</source>
        <translation>El texto en el que está la respuesta</translation>
    </message>
    <message>
        <source>Paste a text in which the answer stands.</source>
        <translation>Pega un texto en el que esté la respuesta.</translation>
    </message>
    <message>
        <source>A question about the text</source>
        <translation>Una pregunta sobre el texto</translation>
    </message>
    <message>
        <source>Ask something about the text.</source>
        <translation>Pregunta algo sobre el texto.</translation>
    </message>
    <message>
        <source>Find the answer</source>
        <translation>Buscar la respuesta</translation>
    </message>
    <message>
        <source>It found no answer in the text.</source>
        <translation>No ha encontrado ninguna respuesta en el texto.</translation>
    </message>
    <message>
        <source>{answer} – {probability} sure</source>
        <translation>{answer} – seguridad: {probability}</translation>
    </message>
    <message>
        <source>First give it a text in which the answer stands.</source>
        <translation>Dale primero un texto en el que esté la respuesta.</translation>
    </message>
    <message>
        <source>First ask something.</source>
        <translation>Pregunta primero algo.</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Leyendo…</translation>
    </message>
</context>
<context>
    <name>AttachedRow</name>
    <message>
        <source>Show {}, {}</source>
        <translation>Mostrar {}, {}</translation>
    </message>
</context>
<context>
    <name>AttachmentChips</name>
    <message>
        <source>Attached to this message</source>
        <translation>Adjunto a este mensaje</translation>
    </message>
    <message>
        <source>page {} of {}</source>
        <translation>página {} de {}</translation>
    </message>
    <message>
        <source>Show {}, {}</source>
        <translation>Mostrar {}, {}</translation>
    </message>
    <message>
        <source>Put {} into the text</source>
        <translation>Pasar {} al texto</translation>
    </message>
    <message>
        <source>Remove {}</source>
        <translation>Quitar {}</translation>
    </message>
    <message>
        <source>Reading {}</source>
        <translation>Leyendo {}</translation>
    </message>
    <message>
        <source>Do not read {}</source>
        <translation>No leer {}</translation>
    </message>
</context>
<context>
    <name>AttachmentController</name>
    <message>
        <source>A message can have {} attachments. The others were left out.</source>
        <translation>Un mensaje puede tener {} adjuntos. Los demás no se han incluido.</translation>
    </message>
    <message>
        <source>Attach texts or PDFs</source>
        <translation>Adjuntar textos o PDF</translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation>Texto pegado</translation>
    </message>
    <message>
        <source>Removed {}</source>
        <translation>Se ha quitado {}</translation>
    </message>
    <message>
        <source>{} is in an old encoding. See whether its letters are right.</source>
        <translation>{} está en una codificación antigua. Comprueba que se lee bien.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
</context>
<context>
    <name>AttachmentReader</name>
    <message>
        <source>{} cannot be read: {}</source>
        <translation>No se puede leer {}: {}</translation>
    </message>
    <message>
        <source>{name} is not there any more.</source>
        <translation>{name} ya no está.</translation>
    </message>
    <message>
        <source>{name} cannot be read: {detail}</source>
        <translation>No se puede leer {name}: {detail}</translation>
    </message>
    <message>
        <source>{name} is larger than {megabytes} MB. Attach a part of it.</source>
        <translation>{name} ocupa más de {megabytes} MB. Adjunta una parte.</translation>
    </message>
    <message>
        <source>{name} has more than {characters} characters. Attach a part of it.</source>
        <translation>{name} tiene más de {characters} caracteres. Adjunta una parte.</translation>
    </message>
    <message>
        <source>{name} takes too long to read. Copy the part you need and paste it here.</source>
        <translation>{name} tarda demasiado en leerse. Copia la parte que necesites y pégala aquí.</translation>
    </message>
    <message>
        <source>{name} is empty.</source>
        <translation>{name} está vacío.</translation>
    </message>
    <message>
        <source>{name} is neither a text nor a PDF. Only those can be attached.</source>
        <translation>{name} no es un texto ni un PDF. Solo se pueden adjuntar esos.</translation>
    </message>
    <message>
        <source>{name} is locked by a password. Save a copy without it and attach that.</source>
        <translation>{name} está protegido con contraseña. Guarda una copia sin ella y adjúntala.</translation>
    </message>
    <message>
        <source>{name} holds pictures of pages and no text. Run text recognition on it first.</source>
        <translation>{name} contiene imágenes de páginas y ningún texto. Pásale antes un reconocimiento de texto.</translation>
    </message>
    <message>
        <source>{name} is a damaged PDF. Open it elsewhere and save it anew.</source>
        <translation>{name} es un PDF dañado. Ábrelo con otro programa y guárdalo de nuevo.</translation>
    </message>
</context>
<context>
    <name>AttachmentView</name>
    <message>
        <source>Text of {}</source>
        <translation>Texto de {}</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>{}; the first {} are shown here</source>
        <translation>{}; aquí se muestran los primeros {}</translation>
    </message>
</context>
<context>
    <name>BackupsDialog</name>
    <message>
        <source>chatapp backs the history up once a day and keeps the newest three, beside the history itself. For a copy elsewhere, export everything.</source>
        <translation>chatapp hace una copia del historial una vez al día y conserva las tres últimas junto al propio historial. Si quieres una copia en otro lugar, expórtalo todo.</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>Copias de seguridad</translation>
    </message>
    <message>
        <source>Made</source>
        <translation>Hecha</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Conversaciones</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>Hacer una copia ahora</translation>
    </message>
    <message>
        <source>Restore…</source>
        <translation>Restaurar…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>There is no backup yet.</source>
        <translation>Todavía no hay ninguna copia.</translation>
    </message>
    <message>
        <source>The history is backed up.</source>
        <translation>Se ha hecho una copia del historial.</translation>
    </message>
    <message>
        <source>Go back to this backup?</source>
        <translation>¿Volver a esta copia?</translation>
    </message>
    <message>
        <source>chatapp then shows the conversations as they were. The present history is set aside in the same folder, not deleted.</source>
        <translation>chatapp mostrará entonces las conversaciones como estaban. El historial actual se aparta en la misma carpeta, no se elimina.</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Restaurar</translation>
    </message>
    <message>
        <source>The backup is restored.</source>
        <translation>La copia se ha restaurado.</translation>
    </message>
</context>
<context>
    <name>BranchController</name>
    <message>
        <source>{} (fork)</source>
        <translation>{} (bifurcación)</translation>
    </message>
    <message>
        <source>Deleted the message and what followed it</source>
        <translation>Se ha eliminado el mensaje y lo que le seguía</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>This is a new conversation with what was said so far</source>
        <translation>Esta es una conversación nueva con lo dicho hasta aquí</translation>
    </message>
</context>
<context>
    <name>ChatController</name>
    <message>
        <source>The engine stopped. It starts again with your next message.</source>
        <translation>El motor se ha detenido. Arrancará de nuevo con tu próximo mensaje.</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Conversations</source>
        <translation>Conversaciones</translation>
    </message>
</context>
<context>
    <name>ChatSection</name>
    <message>
        <source>What every new conversation is told beforehand</source>
        <translation>Lo que se le dice de antemano a cada conversación nueva</translation>
    </message>
    <message>
        <source>For example: Answer briefly, in Spanish.</source>
        <translation>Por ejemplo: Responde con brevedad, en español.</translation>
    </message>
    <message>
        <source>A preset with words of its own says those instead.</source>
        <translation>Un preajuste con sus propias instrucciones usa esas.</translation>
    </message>
    <message>
        <source>Preset of new conversations</source>
        <translation>Preajuste de las conversaciones nuevas</translation>
    </message>
    <message>
        <source>How freely the model writes, unless a conversation or a model says more.</source>
        <translation>Con cuánta libertad escribe el modelo, salvo que una conversación o un modelo digan otra cosa.</translation>
    </message>
    <message>
        <source>Your presets</source>
        <translation>Tus preajustes</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Cambiar nombre</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Eliminar</translation>
    </message>
    <message>
        <source>There are none yet. Save one from the panel “How the model writes”.</source>
        <translation>Todavía no hay ninguno. Guarda uno desde el panel «Cómo escribe el modelo».</translation>
    </message>
    <message>
        <source>The preset “{}” was deleted.</source>
        <translation>Se ha eliminado el preajuste «{}».</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
</context>
<context>
    <name>ChosenMessages</name>
    <message>
        <source>You</source>
        <translation>Tú</translation>
    </message>
    <message>
        <source>The model</source>
        <translation>El modelo</translation>
    </message>
</context>
<context>
    <name>ClaimForm</name>
    <message>
        <source>Minutes for each network</source>
        <translation>Minutos para cada red</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source>A trained encoder, like BERT</source>
        <translation>Un codificador entrenado, como BERT</translation>
    </message>
    <message>
        <source>A trained model like GPT or Llama</source>
        <translation>Un modelo entrenado como GPT o Llama</translation>
    </message>
</context>
<context>
    <name>ClaimPage</name>
    <message>
        <source>What textbooks say</source>
        <translation>Lo que dicen los libros</translation>
    </message>
    <message>
        <source>Five things that are said of networks. See on this computer if they hold.</source>
        <translation>Cinco cosas que se dicen de las redes. Comprueba en este ordenador si son ciertas.</translation>
    </message>
    <message>
        <source>“{claim}” is being measured, for {time} so far. That ends with the window, and nothing of it is kept.</source>
        <translation>Se está midiendo «{claim}»; lleva {time}. Si cierras la ventana, se interrumpe y no se guarda nada.</translation>
    </message>
    <message>
        <source>Close chatapp?</source>
        <translation>¿Cerrar chatapp?</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>Being measured</source>
        <translation>Midiendo</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Measure again</source>
        <translation>Medir de nuevo</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Medir</translation>
    </message>
    <message>
        <source>Being measured, for {} so far. Go on with other things meanwhile, but leave the window open.</source>
        <translation>Midiendo desde hace {}. Sigue mientras con otras cosas, pero deja la ventana abierta.</translation>
    </message>
    <message>
        <source>Another one is being measured.</source>
        <translation>Se está midiendo otra cosa.</translation>
    </message>
    <message>
        <source>Choose your data first.</source>
        <translation>Elige primero tus datos.</translation>
    </message>
    <message>
        <source>Takes {} at most, and a little to get ready and to measure.</source>
        <translation>Tarda {} como mucho, y un poco para prepararse y medir.</translation>
    </message>
    <message>
        <source>It is measured.</source>
        <translation>Ya está medido.</translation>
    </message>
</context>
<context>
    <name>ClaimResult</name>
    <message>
        <source>Measurements, the newest first</source>
        <translation>Mediciones, la más reciente primero</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Abrir la carpeta</translation>
    </message>
    <message>
        <source>What came out</source>
        <translation>Lo que salió</translation>
    </message>
    <message>
        <source>On what was held out. Below each figure is its 95 % interval: where two of them overlap, it may be chance which is better. ★ marks the best.</source>
        <translation>Con lo apartado. Bajo cada cifra está su intervalo del 95 %: donde dos se solapan, puede ser casualidad cuál es mejor. ★ marca lo mejor.</translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Copy this code</source>
        <translation>Copiar este código</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Código</translation>
    </message>
    <message>
        <source>text</source>
        <translation>texto</translation>
    </message>
</context>
<context>
    <name>ColumnHeads</name>
    <message>
        <source>Name and kind</source>
        <translation>Nombre y tipo</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Tipo</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Tamaño</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Licencia</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Este equipo</translation>
    </message>
</context>
<context>
    <name>ContextController</name>
    <message>
        <source>Choose a model first: each reads in a form of its own</source>
        <translation>Elige primero un modelo: cada uno lee a su manera</translation>
    </message>
    <message>
        <source>The oldest messages will not be read any more ({})</source>
        <translation>Los mensajes más antiguos ya no se leerán ({})</translation>
    </message>
    <message>
        <source>This is too long for the model to read</source>
        <translation>Es demasiado largo para que el modelo lo lea</translation>
    </message>
    <message>
        <source>Not read for the last reply: the context was full</source>
        <translation>No se leyó para la última respuesta: el contexto estaba lleno</translation>
    </message>
    <message>
        <source>Will not be read for the next reply: the context is full</source>
        <translation>No se leerá para la próxima respuesta: el contexto está lleno</translation>
    </message>
</context>
<context>
    <name>ConversationDelegate</name>
    <message>
        <source>Title of the conversation</source>
        <translation>Título de la conversación</translation>
    </message>
</context>
<context>
    <name>ConversationModel</name>
    <message>
        <source>New chat</source>
        <translation>Chat nuevo</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>Fijadas</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Hoy</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>Ayer</translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <translation>Últimos 7 días</translation>
    </message>
</context>
<context>
    <name>ConversationSettings</name>
    <message>
        <source>Sampling: {}, changed ▾</source>
        <translation>Muestreo: {}, modificado ▾</translation>
    </message>
    <message>
        <source>Sampling: {} ▾</source>
        <translation>Muestreo: {} ▾</translation>
    </message>
</context>
<context>
    <name>ConversationView</name>
    <message>
        <source>Conversations</source>
        <translation>Conversaciones</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Cambiar nombre</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>Desfijar</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>Fijar</translation>
    </message>
    <message>
        <source>Take out of the archive</source>
        <translation>Sacar del archivo</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>Archivar</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportar…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Eliminar</translation>
    </message>
    <message>
        <source>Ctrl+Del</source>
        <translation>Ctrl+Del</translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation>Mover a la carpeta</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>Carpeta nueva…</translation>
    </message>
    <message>
        <source>Out of “{}”</source>
        <translation>Sacar de «{}»</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>Carpeta nueva</translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation>Nombre de la carpeta</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>Mover</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
</context>
<context>
    <name>CopyButton</name>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copiado</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Something went wrong</source>
        <translation>Algo ha fallado</translation>
    </message>
    <message>
        <source>Something went wrong inside chatapp.</source>
        <translation>Algo ha fallado dentro de chatapp.</translation>
    </message>
    <message>
        <source>This is a mistake of the program, not yours. Your conversations are saved, and you can go on. The report below says what happened; it holds nothing of what you or a model wrote.</source>
        <translation>Es un error del programa, no tuyo. Tus conversaciones están guardadas y puedes continuar. El informe de abajo dice qué ha pasado; no contiene nada de lo escrito por ti o por un modelo.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Informe</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Copiar informe</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Continuar</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Copiado</translation>
    </message>
</context>
<context>
    <name>CurvePlot</name>
    <message>
        <source>Steps</source>
        <translation>Pasos</translation>
    </message>
</context>
<context>
    <name>CurvesCard</name>
    <message>
        <source>Loss</source>
        <translation>Pérdida</translation>
    </message>
    <message>
        <source>held out</source>
        <translation>apartado</translation>
    </message>
    <message>
        <source>training</source>
        <translation>entrenamiento</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Tasa</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Tasa de aprendizaje</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>tasa de aprendizaje</translation>
    </message>
    <message>
        <source>Gradient</source>
        <translation>Gradiente</translation>
    </message>
    <message>
        <source>Length of the gradient</source>
        <translation>Longitud del gradiente</translation>
    </message>
    <message>
        <source>gradient</source>
        <translation>gradiente</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Velocidad</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>Tokens/s</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>tokens/s</translation>
    </message>
    <message>
        <source>The curves begin with the first steps.</source>
        <translation>Las curvas empiezan con los primeros pasos.</translation>
    </message>
    <message>
        <source>Curves of the run</source>
        <translation>Curvas del entrenamiento</translation>
    </message>
    <message>
        <source>{figure} at step {step}</source>
        <translation>{figure} en el paso {step}</translation>
    </message>
    <message>
        <source>Step {}</source>
        <translation>Paso {}</translation>
    </message>
</context>
<context>
    <name>DataController</name>
    <message>
        <source>Data</source>
        <translation>Datos</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Todo</translation>
    </message>
    <message>
        <source>The conversation on show</source>
        <translation>La conversación a la vista</translation>
    </message>
    <message>
        <source>Chosen conversations ({})</source>
        <translation>Conversaciones elegidas ({})</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Conversaciones</translation>
    </message>
</context>
<context>
    <name>DataPreview</name>
    <message>
        <source>What the column {} holds</source>
        <translation>Qué contiene la columna {}</translation>
    </message>
    <message>
        <source>not used</source>
        <translation>no se usa</translation>
    </message>
</context>
<context>
    <name>DataSection</name>
    <message>
        <source>Export everything…</source>
        <translation>Exportar todo…</translation>
    </message>
    <message>
        <source>Full export</source>
        <translation>Exportación completa</translation>
    </message>
    <message>
        <source>The whole history in one file that chatapp can bring in again.</source>
        <translation>Todo el historial en un archivo que chatapp puede volver a importar.</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportar…</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportar</translation>
    </message>
    <message>
        <source>As Markdown, web pages, JSON or training data.</source>
        <translation>Como Markdown, páginas web, JSON o datos de entrenamiento.</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importar…</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importar</translation>
    </message>
    <message>
        <source>From chatapp, ChatGPT or Open WebUI.</source>
        <translation>De chatapp, ChatGPT u Open WebUI.</translation>
    </message>
    <message>
        <source>Backups…</source>
        <translation>Copias de seguridad…</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>Copias de seguridad</translation>
    </message>
    <message>
        <source>Made once a day. Go back to one, or make one now.</source>
        <translation>Se hacen una vez al día. Vuelve a una o haz otra ahora.</translation>
    </message>
    <message>
        <source>Trash…</source>
        <translation>Papelera…</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>Papelera</translation>
    </message>
    <message>
        <source>Deleted conversations can be restored for 30 days.</source>
        <translation>Las conversaciones eliminadas se pueden restaurar durante 30 días.</translation>
    </message>
</context>
<context>
    <name>DetailsCard</name>
    <message>
        <source>Runs with</source>
        <translation>Funciona con</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Use for new chats</source>
        <translation>Usar en los chats nuevos</translation>
    </message>
    <message>
        <source>Show file</source>
        <translation>Mostrar archivo</translation>
    </message>
    <message>
        <source>Take off the list</source>
        <translation>Quitar de la lista</translation>
    </message>
    <message>
        <source>Try it anyway</source>
        <translation>Probarlo de todos modos</translation>
    </message>
    <message>
        <source>Used for new chats</source>
        <translation>Se usa en los chats nuevos</translation>
    </message>
</context>
<context>
    <name>EditableMessage</name>
    <message>
        <source>Write again with</source>
        <translation>Escribir de nuevo con</translation>
    </message>
    <message>
        <source>Always kept in what the model reads</source>
        <translation>Se conserva siempre en lo que lee el modelo</translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Find a model</source>
        <translation>Buscar un modelo</translation>
    </message>
    <message>
        <source>What would you like to know?</source>
        <translation>¿Qué te gustaría saber?</translation>
    </message>
    <message>
        <source>Everything stays on this computer.</source>
        <translation>Todo se queda en este equipo.</translation>
    </message>
    <message>
        <source>First, a model</source>
        <translation>Primero, un modelo</translation>
    </message>
    <message>
        <source>How does the text begin?</source>
        <translation>¿Cómo empieza el texto?</translation>
    </message>
    <message>
        <source>This model has not learned to answer: it goes on with what you write.</source>
        <translation>Este modelo no ha aprendido a responder: continúa lo que escribes.</translation>
    </message>
    <message>
        <source>A model is one file on this computer. Point to one you have, and ask away.</source>
        <translation>Un modelo es un archivo de este equipo. Señala uno que tengas y pregunta.</translation>
    </message>
    <message>
        <source>Explain attention with the sentence “Mary and Paul were running together but he got injured”</source>
        <translation>Explica la atención con la frase «María y Pablo corrían juntos, pero él se lesionó»</translation>
    </message>
    <message>
        <source>Help me write a polite letter asking for a refund</source>
        <translation>Ayúdame a escribir una carta amable para pedir un reembolso</translation>
    </message>
    <message>
        <source>Turn these notes into a list of tasks</source>
        <translation>Convierte estas notas en una lista de tareas</translation>
    </message>
    <message>
        <source>Once upon a time, there was</source>
        <translation>Érase una vez</translation>
    </message>
    <message>
        <source>The old house by the sea</source>
        <translation>La vieja casa junto al mar</translation>
    </message>
</context>
<context>
    <name>EngineChoice</name>
    <message>
        <source>Runs with</source>
        <translation>Funciona con</translation>
    </message>
    <message>
        <source>Own networks (native)</source>
        <translation>Redes propias (nativo)</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Pesos</translation>
    </message>
    <message>
        <source>How finely each weight is kept: the smaller, the less memory it takes.</source>
        <translation>Con qué finura se guarda cada peso: cuanto menor, menos memoria ocupa.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automático</translation>
    </message>
    <message>
        <source>f32, exact</source>
        <translation>f32, exactos</translation>
    </message>
    <message>
        <source>bf16, half of it</source>
        <translation>bf16, la mitad</translation>
    </message>
    <message>
        <source>int8, a quarter</source>
        <translation>int8, un cuarto</translation>
    </message>
    <message>
        <source>int4, the smallest</source>
        <translation>int4, los menores</translation>
    </message>
</context>
<context>
    <name>EngineErrors</name>
    <message>
        <source>Use llama.cpp</source>
        <translation>Usar llama.cpp</translation>
    </message>
    <message>
        <source>Our own networks cannot run this model.</source>
        <translation>Nuestras redes propias no pueden ejecutar este modelo.</translation>
    </message>
    <message>
        <source>This message has no reply yet.</source>
        <translation>Este mensaje aún no tiene respuesta.</translation>
    </message>
    <message>
        <source>Nobody is writing one. You can have it answered now.</source>
        <translation>Nadie está escribiendo una. Puedes pedir la respuesta ahora.</translation>
    </message>
    <message>
        <source>Answer it now</source>
        <translation>Responder ahora</translation>
    </message>
    <message>
        <source>Change the message</source>
        <translation>Cambiar el mensaje</translation>
    </message>
    <message>
        <source>The history has a problem.</source>
        <translation>El historial tiene un problema.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Intentar de nuevo</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>Arrancar de nuevo</translation>
    </message>
    <message>
        <source>Use a shorter context</source>
        <translation>Usar un contexto más corto</translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation>Elegir otro modelo</translation>
    </message>
    <message>
        <source>Shorten the message</source>
        <translation>Acortar el mensaje</translation>
    </message>
    <message>
        <source>The model&apos;s file is gone.</source>
        <translation>El archivo del modelo ya no está.</translation>
    </message>
    <message>
        <source>This file is not a model.</source>
        <translation>Este archivo no es un modelo.</translation>
    </message>
    <message>
        <source>The model&apos;s file is damaged.</source>
        <translation>El archivo del modelo está dañado.</translation>
    </message>
    <message>
        <source>This model is too new for this version.</source>
        <translation>Este modelo es demasiado nuevo para esta versión.</translation>
    </message>
    <message>
        <source>There is not enough memory for this model.</source>
        <translation>No hay memoria suficiente para este modelo.</translation>
    </message>
    <message>
        <source>The message is too long for this model.</source>
        <translation>El mensaje es demasiado largo para este modelo.</translation>
    </message>
    <message>
        <source>The model was put away.</source>
        <translation>El modelo se ha descargado de la memoria.</translation>
    </message>
    <message>
        <source>The engine could not read this request.</source>
        <translation>El motor no pudo leer esta petición.</translation>
    </message>
    <message>
        <source>The reply was stopped.</source>
        <translation>La respuesta se ha detenido.</translation>
    </message>
    <message>
        <source>The model stopped unexpectedly.</source>
        <translation>El modelo se detuvo de forma inesperada.</translation>
    </message>
    <message>
        <source>The model does not answer any more.</source>
        <translation>El modelo ya no responde.</translation>
    </message>
    <message>
        <source>The reply failed by a mistake of the program.</source>
        <translation>La respuesta falló por un error del programa.</translation>
    </message>
</context>
<context>
    <name>ErrorCard</name>
    <message>
        <source>Details</source>
        <translation>Detalles</translation>
    </message>
</context>
<context>
    <name>EvaluationCard</name>
    <message>
        <source>How good it is</source>
        <translation>Su calidad</translation>
    </message>
    <message>
        <source>Measures the model on all that was held out, beside simple models, with 95 % intervals. It takes seconds for a small model and minutes for a large one.</source>
        <translation>Mide el modelo con todo lo que se apartó, junto a modelos sencillos y con intervalos del 95 %. Tarda segundos con un modelo pequeño y minutos con uno grande.</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>Evaluar</translation>
    </message>
    <message>
        <source>Which way it leans</source>
        <translation>Hacia dónde se inclina</translation>
    </message>
    <message>
        <source>Compares English sentences that differ in one word, as “young” and “old”: how much likelier the one is to the model, and how much that depends on what is told.</source>
        <translation>Compara frases en inglés que difieren en una palabra, como «young» y «old»: cuánto más probable es una para el modelo y cuánto depende de lo que se cuenta.</translation>
    </message>
    <message>
        <source>Probe for bias</source>
        <translation>Buscar sesgos</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export conversations</source>
        <translation>Exportar conversaciones</translation>
    </message>
    <message>
        <source>The file stays on this computer, where you put it.</source>
        <translation>El archivo se queda en este equipo, donde lo pongas.</translation>
    </message>
    <message>
        <source>Which conversations</source>
        <translation>Qué conversaciones</translation>
    </message>
    <message>
        <source>As what</source>
        <translation>En qué formato</translation>
    </message>
    <message>
        <source>With the reasoning of replies</source>
        <translation>Con el razonamiento de las respuestas</translation>
    </message>
    <message>
        <source>With replies that were stopped or failed</source>
        <translation>Con las respuestas detenidas o fallidas</translation>
    </message>
    <message>
        <source>Which</source>
        <translation>Cuáles</translation>
    </message>
    <message>
        <source>As</source>
        <translation>Formato</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Mostrar en la carpeta</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportar…</translation>
    </message>
    <message>
        <source>Export to</source>
        <translation>Exportar a</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>Written to {}. Conversations in it: {}</source>
        <translation>Escrito en {}. Conversaciones que contiene: {}</translation>
    </message>
    <message>
        <source>Could not be read: {}</source>
        <translation>No se pudieron leer: {}</translation>
    </message>
    <message>
        <source>Markdown</source>
        <translation>Markdown</translation>
    </message>
    <message>
        <source>Web page (HTML)</source>
        <translation>Página web (HTML)</translation>
    </message>
    <message>
        <source>JSON, to bring in again</source>
        <translation>JSON, para volver a importar</translation>
    </message>
    <message>
        <source>Training data (JSONL)</source>
        <translation>Datos de entrenamiento (JSONL)</translation>
    </message>
    <message>
        <source>The versions on show, to read and to put into notes.</source>
        <translation>Las versiones a la vista, para leer y pasar a tus notas.</translation>
    </message>
    <message>
        <source>The versions on show, for any browser. The page holds all it needs, runs nothing and loads nothing.</source>
        <translation>Las versiones a la vista, para cualquier navegador. La página contiene todo lo que necesita, no ejecuta nada ni carga nada.</translation>
    </message>
    <message>
        <source>Everything: all versions, attachments, reasoning, parameters and times. chatapp can import it.</source>
        <translation>Todo: todas las versiones, adjuntos, razonamiento, parámetros y horas. chatapp puede importarlo.</translation>
    </message>
    <message>
        <source>One conversation a line, as most tools for fine-tuning read it: the versions on show.</source>
        <translation>Una conversación por línea, como la leen casi todas las herramientas de ajuste fino: las versiones a la vista.</translation>
    </message>
</context>
<context>
    <name>FiguresCard</name>
    <message>
        <source>What it never learned from</source>
        <translation>Con lo que nunca ha aprendido</translation>
    </message>
    <message>
        <source>Nothing was measured yet.</source>
        <translation>Todavía no se ha medido nada.</translation>
    </message>
    <message>
        <source>untrained</source>
        <translation>sin entrenar</translation>
    </message>
    <message>
        <source>before training</source>
        <translation>antes de entrenar</translation>
    </message>
    <message>
        <source>best, {}</source>
        <translation>el mejor, {}</translation>
    </message>
    <message>
        <source>step {}</source>
        <translation>paso {}</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Find in this conversation</source>
        <translation>Buscar en esta conversación</translation>
    </message>
    <message>
        <source>Previous hit (Shift+Enter)</source>
        <translation>Resultado anterior (Mayús+Intro)</translation>
    </message>
    <message>
        <source>Next hit (Enter)</source>
        <translation>Resultado siguiente (Intro)</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>Cerrar (Esc)</translation>
    </message>
    <message>
        <source>Hit {} of {}</source>
        <translation>Resultado {} de {}</translation>
    </message>
</context>
<context>
    <name>FoldersCard</name>
    <message>
        <source>Where models are looked for</source>
        <translation>Dónde se buscan los modelos</translation>
    </message>
    <message>
        <source>Drop a file or a folder anywhere on this page to add it. It is used where it is and never copied.</source>
        <translation>Suelta un archivo o una carpeta en esta página para añadirlo. Se usa donde está y nunca se copia.</translation>
    </message>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n modelo</numerusform>
            <numerusform>%n modelos</numerusform>
        </translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
    <message>
        <source>Open the folder {}</source>
        <translation>Abrir la carpeta {}</translation>
    </message>
    <message>
        <source>Take the folder “{}” off the list</source>
        <translation>Quitar la carpeta «{}» de la lista</translation>
    </message>
    <message>
        <source>The models folder of chatapp</source>
        <translation>La carpeta de modelos de chatapp</translation>
    </message>
    <message>
        <source>Small models of ours, to compare</source>
        <translation>Pequeños modelos nuestros, para comparar</translation>
    </message>
    <message>
        <source>What came with chatapp</source>
        <translation>Lo que vino con chatapp</translation>
    </message>
    <message>
        <source>Python packages that are installed</source>
        <translation>Paquetes de Python instalados</translation>
    </message>
</context>
<context>
    <name>GeneralSection</name>
    <message>
        <source>Colours</source>
        <translation>Colores</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Como el sistema</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Claro</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Oscuro</translation>
    </message>
    <message>
        <source>Size of letters</source>
        <translation>Tamaño de letra</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>From {} to {} %. Ctrl and + or − change it anywhere, Ctrl+0 puts it back.</source>
        <translation>De {} a {} %. Ctrl con + o − lo cambia en cualquier sitio; Ctrl+0 lo restablece.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Idioma</translation>
    </message>
    <message>
        <source>Another language begins at the next start.</source>
        <translation>El cambio de idioma se aplica al volver a abrir el programa.</translation>
    </message>
    <message>
        <source>Sending</source>
        <translation>Envío</translation>
    </message>
    <message>
        <source>Enter sends your message, Shift+Enter begins a new line, Esc stops a reply.</source>
        <translation>Intro envía tu mensaje, Mayús+Intro empieza una línea nueva y Esc detiene una respuesta.</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Carpetas</translation>
    </message>
    <message>
        <source>Open the folder of your data</source>
        <translation>Abrir la carpeta de tus datos</translation>
    </message>
    <message>
        <source>Open the folder of the logs</source>
        <translation>Abrir la carpeta de los registros</translation>
    </message>
    <message>
        <source>The folder {} cannot be opened from here.</source>
        <translation>La carpeta {} no se puede abrir desde aquí.</translation>
    </message>
</context>
<context>
    <name>GuidedPage</name>
    <message>
        <source>Back</source>
        <translation>Atrás</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Show or hide the conversations</source>
        <translation>Mostrar u ocultar las conversaciones</translation>
    </message>
</context>
<context>
    <name>ImportDialog</name>
    <message>
        <source>Import conversations</source>
        <translation>Importar conversaciones</translation>
    </message>
    <message>
        <source>What could not be read</source>
        <translation>Lo que no se pudo leer</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>Elegir un archivo…</translation>
    </message>
    <message>
        <source>Import from</source>
        <translation>Importar de</translation>
    </message>
    <message>
        <source>Exports (*.json *.zip)</source>
        <translation>Exportaciones (*.json *.zip)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Reading {}…</source>
        <translation>Leyendo {}…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>Choose another file…</source>
        <translation>Elegir otro archivo…</translation>
    </message>
    <message>
        <source>Conversations imported: {}</source>
        <translation>Conversaciones importadas: {}</translation>
    </message>
    <message>
        <source>Here already: {}</source>
        <translation>Ya estaban aquí: {}</translation>
    </message>
    <message>
        <source>Pictures and files in them that cannot be kept: {}</source>
        <translation>Imágenes y archivos que contienen y no se pueden conservar: {}</translation>
    </message>
    <message>
        <source>Could not be read: {}</source>
        <translation>No se pudieron leer: {}</translation>
    </message>
    <message>
        <source>Cancelled before the end of the file.</source>
        <translation>Cancelado antes del final del archivo.</translation>
    </message>
    <message>
        <source>From an export of chatapp, of ChatGPT (its .zip as it came, or conversations.json), or of Open WebUI. Conversations that are here already get what is new in them.</source>
        <translation>De una exportación de chatapp, de ChatGPT (su .zip tal cual, o conversations.json) o de Open WebUI. Las conversaciones que ya están aquí reciben lo que tengan de nuevo.</translation>
    </message>
    <message>
        <source>Here already, with new messages now: {}</source>
        <translation>Ya estaban aquí, ahora con mensajes nuevos: {}</translation>
    </message>
</context>
<context>
    <name>IncognitoBar</name>
    <message>
        <source>Incognito: nothing is saved</source>
        <translation>Incógnito: no se guarda nada</translation>
    </message>
    <message>
        <source>End chat</source>
        <translation>Terminar el chat</translation>
    </message>
</context>
<context>
    <name>IncognitoController</name>
    <message>
        <source>End this incognito chat?</source>
        <translation>¿Terminar este chat de incógnito?</translation>
    </message>
    <message>
        <source>End chat</source>
        <translation>Terminar el chat</translation>
    </message>
    <message>
        <source>The incognito chat goes on until you close chatapp.</source>
        <translation>El chat de incógnito sigue hasta que cierres chatapp.</translation>
    </message>
    <message>
        <source>Go back</source>
        <translation>Volver</translation>
    </message>
    <message>
        <source>Close chatapp?</source>
        <translation>¿Cerrar chatapp?</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>What was said in an incognito chat is saved nowhere and will be gone.</source>
        <translation>Lo dicho en un chat de incógnito no se guarda en ninguna parte y se perderá.</translation>
    </message>
</context>
<context>
    <name>LabPage</name>
    <message>
        <source>New run</source>
        <translation>Nuevo entrenamiento</translation>
    </message>
    <message>
        <source>What textbooks say</source>
        <translation>Lo que dicen los libros</translation>
    </message>
    <message>
        <source>Your runs appear here.</source>
        <translation>Tus entrenamientos aparecen aquí.</translation>
    </message>
    <message>
        <source>Choose a recipe</source>
        <translation>Elegir una receta</translation>
    </message>
    <message>
        <source>Recipes (*.toml)</source>
        <translation>Recetas (*.toml)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>The folder {} cannot be opened from here.</source>
        <translation>La carpeta {} no se puede abrir desde aquí.</translation>
    </message>
</context>
<context>
    <name>LabelBars</name>
    <message>
        <source>No text yet</source>
        <translation>Aún no hay texto</translation>
    </message>
</context>
<context>
    <name>LabelTrial</name>
    <message>
        <source>A text to be sorted</source>
        <translation>Un texto para clasificar</translation>
    </message>
    <message>
        <source>Type or paste a text to see how it is sorted.</source>
        <translation>Escribe o pega un texto para ver cómo se clasifica.</translation>
    </message>
</context>
<context>
    <name>LinkDialog</name>
    <message>
        <source>Open a link</source>
        <translation>Abrir un enlace</translation>
    </message>
    <message>
        <source>Open this address in your browser?</source>
        <translation>¿Abrir esta dirección en tu navegador?</translation>
    </message>
    <message>
        <source>It leads to {}.</source>
        <translation>Lleva a {}.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Dirección</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Abrir</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>Lab</source>
        <translation>Laboratorio</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
</context>
<context>
    <name>Measurement</name>
    <message>
        <source>Being measured</source>
        <translation>Midiendo</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>{}: measured.</source>
        <translation>{}: medido.</translation>
    </message>
    <message>
        <source>Another run is being measured.</source>
        <translation>Se está midiendo otro entrenamiento.</translation>
    </message>
</context>
<context>
    <name>MemoryCard</name>
    <message>
        <source>Memory</source>
        <translation>Memoria</translation>
    </message>
    <message>
        <source>Memory in use</source>
        <translation>Memoria en uso</translation>
    </message>
    <message>
        <source>{} free of {}.</source>
        <translation>{} libres de {}.</translation>
    </message>
    <message>
        <source>The models in use take {}.</source>
        <translation>Los modelos en uso ocupan {}.</translation>
    </message>
    <message>
        <source>A model file of up to about {} fits easily.</source>
        <translation>Un archivo de modelo de hasta unos {} cabe sin problemas.</translation>
    </message>
</context>
<context>
    <name>MessageActions</name>
    <message>
        <source>Edit…</source>
        <translation>Editar…</translation>
    </message>
    <message>
        <source>Write again</source>
        <translation>Escribir de nuevo</translation>
    </message>
    <message>
        <source>Write on from the end</source>
        <translation>Seguir desde el final</translation>
    </message>
    <message>
        <source>Go on from here in a new conversation</source>
        <translation>Seguir desde aquí en una conversación nueva</translation>
    </message>
    <message>
        <source>Keep no longer</source>
        <translation>Dejar de conservar</translation>
    </message>
    <message>
        <source>Always keep in what the model reads</source>
        <translation>Conservar siempre en lo que lee el modelo</translation>
    </message>
    <message>
        <source>Show the exact prompt…</source>
        <translation>Mostrar el prompt exacto…</translation>
    </message>
    <message>
        <source>Delete this and what follows</source>
        <translation>Eliminar esto y lo que sigue</translation>
    </message>
</context>
<context>
    <name>MessageColumn</name>
    <message>
        <source>Go to the end of the conversation</source>
        <translation>Ir al final de la conversación</translation>
    </message>
    <message>
        <source>To the end (End)</source>
        <translation>Al final (Fin)</translation>
    </message>
</context>
<context>
    <name>MessageEditor</name>
    <message>
        <source>Change the message</source>
        <translation>Cambiar el mensaje</translation>
    </message>
    <message>
        <source>Save and send</source>
        <translation>Guardar y enviar</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Guardar</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Cancelar</translation>
    </message>
    <message>
        <source>It becomes another version; the one before stays.</source>
        <translation>Será otra versión; la anterior se conserva.</translation>
    </message>
    <message>
        <source>The reply must end or be stopped first.</source>
        <translation>La respuesta debe terminar o detenerse antes.</translation>
    </message>
</context>
<context>
    <name>MessageFooter</name>
    <message>
        <source>Copy this message</source>
        <translation>Copiar este mensaje</translation>
    </message>
    <message>
        <source>Edit this message (F2)</source>
        <translation>Editar este mensaje (F2)</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Editar</translation>
    </message>
    <message>
        <source>Write this reply again</source>
        <translation>Escribir esta respuesta de nuevo</translation>
    </message>
    <message>
        <source>Again</source>
        <translation>De nuevo</translation>
    </message>
    <message>
        <source>Write on where this reply ends</source>
        <translation>Seguir escribiendo donde termina esta respuesta</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Continuar</translation>
    </message>
    <message>
        <source>Show the version before</source>
        <translation>Mostrar la versión anterior</translation>
    </message>
    <message>
        <source>Show the version after</source>
        <translation>Mostrar la versión siguiente</translation>
    </message>
    <message>
        <source>More to do with this message</source>
        <translation>Más acciones con este mensaje</translation>
    </message>
    <message>
        <source>edited</source>
        <translation>editado</translation>
    </message>
    <message>
        <source>Version {} of {}</source>
        <translation>Versión {} de {}</translation>
    </message>
</context>
<context>
    <name>MessageView</name>
    <message>
        <source>The model did not see this message.</source>
        <translation>El modelo no vio este mensaje.</translation>
    </message>
    <message>
        <source>Copy these messages</source>
        <translation>Copiar estos mensajes</translation>
    </message>
    <message>
        <source>Copy this message</source>
        <translation>Copiar este mensaje</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>Copiar como Markdown</translation>
    </message>
    <message>
        <source>Copy as plain text</source>
        <translation>Copiar como texto sin formato</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>Seleccionar todo</translation>
    </message>
    <message>
        <source>Open {}…</source>
        <translation>Abrir {}…</translation>
    </message>
    <message>
        <source>Copy this address</source>
        <translation>Copiar esta dirección</translation>
    </message>
</context>
<context>
    <name>ModelAdder</name>
    <message>
        <source>Add model files</source>
        <translation>Añadir archivos de modelos</translation>
    </message>
    <message>
        <source>Models (*.gguf)</source>
        <translation>Modelos (*.gguf)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Todos los archivos (*)</translation>
    </message>
    <message>
        <source>Add a folder with models</source>
        <translation>Añadir una carpeta con modelos</translation>
    </message>
    <message>
        <source>There is no model file in “{}”; the name of one ends in .gguf.</source>
        <translation>No hay ningún archivo de modelo en «{}»; su nombre termina en .gguf.</translation>
    </message>
    <message>
        <source>“{}” is on the list now.</source>
        <translation>«{}» ya está en la lista.</translation>
    </message>
    <message>
        <source>{} models are on the list now.</source>
        <translation>{} modelos están ya en la lista.</translation>
    </message>
</context>
<context>
    <name>ModelChoice</name>
    <message>
        <source>none: its rows are left out</source>
        <translation>ninguno: sin sus filas</translation>
    </message>
    <message>
        <source>another model: its folder…</source>
        <translation>otro modelo: su carpeta…</translation>
    </message>
    <message>
        <source>Choose the folder of a model</source>
        <translation>Elegir la carpeta de un modelo</translation>
    </message>
</context>
<context>
    <name>ModelList</name>
    <message>
        <source>Models on this computer</source>
        <translation>Modelos en este equipo</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>Modelos…</translation>
    </message>
</context>
<context>
    <name>ModelListView</name>
    <message>
        <source>Models on this computer</source>
        <translation>Modelos en este equipo</translation>
    </message>
    <message>
        <source>Enter does what the button of the row says</source>
        <translation>Intro hace lo que dice el botón de la fila</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Mostrar</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>¿Por qué?</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
</context>
<context>
    <name>ModelPicker</name>
    <message>
        <source>Looking for models…</source>
        <translation>Buscando modelos…</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>Sin modelo</translation>
    </message>
    <message>
        <source>Model: {}</source>
        <translation>Modelo: {}</translation>
    </message>
</context>
<context>
    <name>ModelRemover</name>
    <message>
        <source>Off the list, not deleted: “{}”</source>
        <translation>Quitado de la lista, no eliminado: «{}»</translation>
    </message>
    <message>
        <source>Off the list, not deleted: the folder “{}”</source>
        <translation>Quitada de la lista, no eliminada: la carpeta «{}»</translation>
    </message>
    <message>
        <source>Move “{}” to the trash?</source>
        <translation>¿Mover «{}» a la papelera?</translation>
    </message>
    <message>
        <source>The file of {} leaves your models folder.</source>
        <translation>El archivo de {} sale de tu carpeta de modelos.</translation>
    </message>
    <message>
        <source>Move to trash</source>
        <translation>Mover a la papelera</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Conservarlo</translation>
    </message>
    <message>
        <source>In the trash: “{}”</source>
        <translation>En la papelera: «{}»</translation>
    </message>
</context>
<context>
    <name>ModelSession</name>
    <message>
        <source>own networks, {}</source>
        <translation>redes propias, {}</translation>
    </message>
    <message>
        <source>{} layers</source>
        <translation>{} capas</translation>
    </message>
    <message>
        <source>{} threads</source>
        <translation>{} hilos</translation>
    </message>
</context>
<context>
    <name>ModelShelf</name>
    <message>
        <source>The name of {} is no valid text. Rename it.</source>
        <translation>El nombre de {} no es un texto válido. Cámbialo.</translation>
    </message>
    <message>
        <source>{} cannot be moved to the trash; it is still where it was.</source>
        <translation>{} no se puede mover a la papelera; sigue donde estaba.</translation>
    </message>
    <message>
        <source>It could not be taken out of the trash again.</source>
        <translation>No se pudo sacar de la papelera.</translation>
    </message>
    <message>
        <source>The models cannot be looked for: {}</source>
        <translation>No se pueden buscar los modelos: {}</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>on this computer</source>
        <translation>en este equipo</translation>
    </message>
    <message>
        <source>Find a model</source>
        <translation>Buscar un modelo</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>Añadir una carpeta</translation>
    </message>
    <message>
        <source>Add a file</source>
        <translation>Añadir un archivo</translation>
    </message>
    <message>
        <source>Drop to add it to your models</source>
        <translation>Suéltalo para añadirlo a tus modelos</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>Buscando modelos…</translation>
    </message>
    <message>
        <source>No model is called “{}”.</source>
        <translation>Ningún modelo se llama «{}».</translation>
    </message>
    <message>
        <source>The folder {} cannot be opened from here.</source>
        <translation>La carpeta {} no se puede abrir desde aquí.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Use for new chats</source>
        <translation>Usar en los chats nuevos</translation>
    </message>
    <message>
        <source>Show file</source>
        <translation>Mostrar archivo</translation>
    </message>
    <message>
        <source>Take off the list</source>
        <translation>Quitar de la lista</translation>
    </message>
    <message>
        <source>Take the folder “{}” off the list</source>
        <translation>Quitar la carpeta «{}» de la lista</translation>
    </message>
    <message>
        <source>Move to the trash…</source>
        <translation>Mover a la papelera…</translation>
    </message>
    <message>
        <source>{} context</source>
        <translation>contexto de {}</translation>
    </message>
    <message>
        <source>{}-bit</source>
        <translation>{} bits</translation>
    </message>
    <message>
        <source>cannot open</source>
        <translation>no se abre</translation>
    </message>
    <message>
        <source>fits easily</source>
        <translation>cabe bien</translation>
    </message>
    <message>
        <source>just fits</source>
        <translation>cabe justo</translation>
    </message>
    <message>
        <source>needs {}, has {}</source>
        <translation>pide {}, hay {}</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>no indicada</translation>
    </message>
    <message>
        <source>{} parameters</source>
        <translation>{} parámetros</translation>
    </message>
    <message>
        <source>context of {} tokens</source>
        <translation>contexto de {} tokens</translation>
    </message>
    <message>
        <source>licence: {}</source>
        <translation>licencia: {}</translation>
    </message>
    <message>
        <source>It takes {} of memory; {} are free.</source>
        <translation>Ocupa {} de memoria; hay {} libres.</translation>
    </message>
    <message>
        <source>It just fits: it takes {} of memory, and {} are free.</source>
        <translation>Cabe justo: ocupa {} de memoria y hay {} libres.</translation>
    </message>
    <message>
        <source>It needs {} of memory and {} are free. Close other programs, or use a smaller model.</source>
        <translation>Necesita {} de memoria y hay {} libres. Cierra otros programas o usa un modelo más pequeño.</translation>
    </message>
    <message>
        <source>It was not made for chat: it goes on with what you write.</source>
        <translation>No se hizo para chatear: continúa lo que escribes.</translation>
    </message>
    <message>
        <source>used for new chats</source>
        <translation>se usa en los chats nuevos</translation>
    </message>
</context>
<context>
    <name>ModelsSection</name>
    <message>
        <source>Whose values</source>
        <translation>Valores de</translation>
    </message>
    <message>
        <source>Runs with</source>
        <translation>Funciona con</translation>
    </message>
    <message>
        <source>llama.cpp is the fastest. Own networks are chatapp&apos;s, in PyTorch; they can make the weights finer or smaller.</source>
        <translation>llama.cpp es el más rápido. Las redes propias son las de chatapp, en PyTorch; pueden hacer los pesos más finos o más pequeños.</translation>
    </message>
    <message>
        <source>As for all models</source>
        <translation>Como todos los modelos</translation>
    </message>
    <message>
        <source>Values of its own</source>
        <translation>Valores propios</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Olvidar</translation>
    </message>
    <message>
        <source>How this model writes</source>
        <translation>Cómo escribe este modelo</translation>
    </message>
    <message>
        <source>Another engine is taken at once, the rest when a model is loaded next.</source>
        <translation>Otro motor se toma enseguida; lo demás, la próxima vez que se cargue un modelo.</translation>
    </message>
    <message>
        <source>Context, in tokens</source>
        <translation>Contexto, en tokens</translation>
    </message>
    <message>
        <source>How much of a conversation the model sees at once. More takes more memory.</source>
        <translation>Cuánto de una conversación ve el modelo a la vez. Cuanto más, más memoria ocupa.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automático</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Hilos</translation>
    </message>
    <message>
        <source>Processor cores that work at once. More than there are slows it down.</source>
        <translation>Núcleos del procesador que trabajan a la vez. Si pones más de los que hay, va más lento.</translation>
    </message>
    <message>
        <source>Layers on the graphics card</source>
        <translation>Capas en la tarjeta gráfica</translation>
    </message>
    <message>
        <source>The more of the model lies there, the faster it writes. 0 uses none of it.</source>
        <translation>Cuanto más del modelo esté allí, más rápido escribe. Con 0 no se usa.</translation>
    </message>
    <message>
        <source>As many as fit</source>
        <translation>Las que quepan</translation>
    </message>
    <message>
        <source>Unload after, in minutes</source>
        <translation>Liberar tras, en minutos</translation>
    </message>
    <message>
        <source>Gives the memory back when the model was not used for so long.</source>
        <translation>Devuelve la memoria cuando el modelo lleva ese tiempo sin usarse.</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nunca</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>Todos los modelos</translation>
    </message>
    <message>
        <source>Choose a model above to give it other values than all have.</source>
        <translation>Elige arriba un modelo para darle valores distintos de los de todos.</translation>
    </message>
    <message>
        <source>This model has values of its own.</source>
        <translation>Este modelo tiene valores propios.</translation>
    </message>
    <message>
        <source>This model follows the values of all models.</source>
        <translation>Este modelo sigue los valores de todos los modelos.</translation>
    </message>
    <message>
        <source>As the default preset says.</source>
        <translation>Como dice el preajuste predeterminado.</translation>
    </message>
    <message>
        <source>With values of its own: {}</source>
        <translation>Con valores propios: {}</translation>
    </message>
</context>
<context>
    <name>NewRunCards</name>
    <message>
        <source>A recipe of your own (.toml)…</source>
        <translation>Una receta propia (.toml)…</translation>
    </message>
</context>
<context>
    <name>NewRunData</name>
    <message>
        <source>Your data</source>
        <translation>Tus datos</translation>
    </message>
    <message>
        <source>Choose files…</source>
        <translation>Elegir archivos…</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Elegir una carpeta…</translation>
    </message>
    <message>
        <source>Export conversations…</source>
        <translation>Exportar conversaciones…</translation>
    </message>
    <message>
        <source>or drop them here</source>
        <translation>o suéltalos aquí</translation>
    </message>
    <message>
        <source>The first row names the columns</source>
        <translation>La primera fila nombra las columnas</translation>
    </message>
    <message>
        <source>Looking at it…</source>
        <translation>Se está examinando…</translation>
    </message>
    <message>
        <source>{found} That is not what is learned from here: {wanted}.</source>
        <translation>{found} No es de lo que se aprende aquí: {wanted}.</translation>
    </message>
    <message>
        <source>Say which column holds: {}</source>
        <translation>Indica qué columna contiene: {}</translation>
    </message>
    <message>
        <source>Choose files to learn from</source>
        <translation>Elegir archivos de los que aprender</translation>
    </message>
    <message>
        <source>Choose a folder of texts to learn from</source>
        <translation>Elegir una carpeta de textos de los que aprender</translation>
    </message>
</context>
<context>
    <name>NewRunPage</name>
    <message>
        <source>New run</source>
        <translation>Nuevo entrenamiento</translation>
    </message>
    <message>
        <source>What shall a model learn?</source>
        <translation>¿Qué debe aprender un modelo?</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Empezar</translation>
    </message>
    <message>
        <source>Choose the model to begin with.</source>
        <translation>Elige el modelo con el que empezar.</translation>
    </message>
    <message>
        <source>Choose your data, and it is said here how long it takes.</source>
        <translation>Elige tus datos, y aquí se dirá cuánto tarda.</translation>
    </message>
    <message>
        <source>Trying a few steps, to see how long it takes…</source>
        <translation>Se prueban unos pasos para ver cuánto tarda…</translation>
    </message>
</context>
<context>
    <name>NewRunSettings</name>
    <message>
        <source>How it learns</source>
        <translation>Cómo aprende</translation>
    </message>
    <message>
        <source>Begins with</source>
        <translation>Empieza con</translation>
    </message>
    <message>
        <source>to be chosen</source>
        <translation>por elegir</translation>
    </message>
    <message>
        <source>Size of the model</source>
        <translation>Tamaño del modelo</translation>
    </message>
    <message>
        <source>small: learns fastest</source>
        <translation>pequeño: aprende más rápido</translation>
    </message>
    <message>
        <source>medium: about three times the weights</source>
        <translation>mediano: unas tres veces más pesos</translation>
    </message>
    <message>
        <source>large: about seven times the weights</source>
        <translation>grande: unas siete veces más pesos</translation>
    </message>
    <message>
        <source>Minutes</source>
        <translation>Minutos</translation>
    </message>
    <message>
        <source>as long as it takes</source>
        <translation>lo que haga falta</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source>such as CC BY 4.0; it is kept with the model</source>
        <translation>como CC BY 4.0; se guarda con el modelo</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>How long</source>
        <translation>Cuánto tiempo</translation>
    </message>
    <message>
        <source>Licence of the data</source>
        <translation>Licencia de los datos</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Más</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Pasos</translation>
    </message>
    <message>
        <source>How often the weights are changed, unless the minutes say when to end.</source>
        <translation>Cuántas veces se cambian los pesos, salvo que los minutos digan cuándo acabar.</translation>
    </message>
    <message>
        <source>Examples in a step</source>
        <translation>Ejemplos por paso</translation>
    </message>
    <message>
        <source>More make each step surer and slower.</source>
        <translation>Con más, cada paso es más seguro y más lento.</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Tasa de aprendizaje</translation>
    </message>
    <message>
        <source>How far a step goes. Too much, and the loss jumps; too little, and it hardly falls.</source>
        <translation>Cuánto avanza un paso. Si es demasiado, la pérdida salta; si es muy poco, apenas baja.</translation>
    </message>
    <message>
        <source>Steps of warm-up</source>
        <translation>Pasos de calentamiento</translation>
    </message>
    <message>
        <source>Over which the learning rate rises from nothing.</source>
        <translation>En los que la tasa de aprendizaje sube desde cero.</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>Decaimiento de los pesos</translation>
    </message>
    <message>
        <source>Pulls the weights towards nothing, against learning by heart.</source>
        <translation>Lleva los pesos hacia cero, para que no aprenda de memoria.</translation>
    </message>
    <message>
        <source>Steps between evaluations</source>
        <translation>Pasos entre evaluaciones</translation>
    </message>
    <message>
        <source>After each of them the held out part is tried, and a sample written.</source>
        <translation>Tras cada una se prueba la parte apartada y se escribe una muestra.</translation>
    </message>
    <message>
        <source>Evaluations without gain, then stop</source>
        <translation>Evaluaciones sin mejora hasta parar</translation>
    </message>
    <message>
        <source>0 goes on to the end.</source>
        <translation>Con 0 sigue hasta el final.</translation>
    </message>
    <message>
        <source>Held out, %</source>
        <translation>Apartado, %</translation>
    </message>
    <message>
        <source>The share of the data that is never learned from: by it the model is judged.</source>
        <translation>La parte de los datos de la que nunca se aprende: con ella se juzga el modelo.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Semilla</translation>
    </message>
    <message>
        <source>Of all that is drawn: the same seed gives the same model.</source>
        <translation>De todo lo que se sortea: la misma semilla da el mismo modelo.</translation>
    </message>
    <message>
        <source>Threads of the processor</source>
        <translation>Hilos del procesador</translation>
    </message>
    <message>
        <source>0 takes one for each core.</source>
        <translation>Con 0, uno por cada núcleo.</translation>
    </message>
    <message>
        <source>nothing: a new network</source>
        <translation>nada: una red nueva</translation>
    </message>
    <message>
        <source>another model: its folder…</source>
        <translation>otro modelo: su carpeta…</translation>
    </message>
    <message>
        <source>Choose the folder of a model</source>
        <translation>Elegir la carpeta de un modelo</translation>
    </message>
</context>
<context>
    <name>NoModels</name>
    <message>
        <source>No model yet</source>
        <translation>Todavía no hay ningún modelo</translation>
    </message>
    <message>
        <source>A model is one file whose name ends in .gguf. Choose one you have, or drop it here. It is used where it is and never copied.</source>
        <translation>Un modelo es un archivo cuyo nombre termina en .gguf. Elige uno que tengas o suéltalo aquí. Se usa donde está y nunca se copia.</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>Elegir un archivo</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>Añadir una carpeta</translation>
    </message>
</context>
<context>
    <name>NoRuns</name>
    <message>
        <source>Teach a model</source>
        <translation>Enseñar a un modelo</translation>
    </message>
    <message>
        <source>Bring a text or examples, and a model learns from them on this computer. Watch it learn, stop it when you like, and try what came out. It goes on while this window is closed.</source>
        <translation>Trae un texto o ejemplos, y un modelo aprende de ellos en este ordenador. Mira cómo aprende, detenlo cuando quieras y prueba lo que ha salido. Sigue aunque esta ventana esté cerrada.</translation>
    </message>
    <message>
        <source>New run</source>
        <translation>Nuevo entrenamiento</translation>
    </message>
    <message>
        <source>What textbooks say</source>
        <translation>Lo que dicen los libros</translation>
    </message>
</context>
<context>
    <name>Notes</name>
    <message numerus="yes">
        <source>Measured on %Ln example(s) held out, on which the best step was chosen too. Below each figure is its 95 % interval: where two of them overlap, it may be chance which is better.</source>
        <translation>
            <numerusform>Medido con %Ln ejemplo apartado, con el que también se eligió el mejor paso. Debajo de cada cifra está su intervalo del 95 %: donde dos se solapan, cuál es mejor puede ser azar.</numerusform>
            <numerusform>Medido con %Ln ejemplos apartados, con los que también se eligió el mejor paso. Debajo de cada cifra está su intervalo del 95 %: donde dos se solapan, cuál es mejor puede ser azar.</numerusform>
        </translation>
    </message>
    <message>
        <source>{} marks the best.</source>
        <translation>{} señala el mejor.</translation>
    </message>
    <message numerus="yes">
        <source>Measured on %Ln pair(s) of English sentences, in nats. Below each figure is its 95 % interval. It shows a leaning on these sentences, and does not prove that there is none elsewhere.</source>
        <translation>
            <numerusform>Medido con %Ln par de frases en inglés, en nats. Debajo de cada cifra está su intervalo del 95 %. Muestra una inclinación en estas frases y no prueba que no la haya en otras.</numerusform>
            <numerusform>Medido con %Ln pares de frases en inglés, en nats. Debajo de cada cifra está su intervalo del 95 %. Muestra una inclinación en estas frases y no prueba que no la haya en otras.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Close this notice</source>
        <translation>Cerrar este aviso</translation>
    </message>
</context>
<context>
    <name>ParameterList</name>
    <message>
        <source>Stop texts</source>
        <translation>Textos de parada</translation>
    </message>
</context>
<context>
    <name>ParameterRow</name>
    <message>
        <source>changed</source>
        <translation>modificado</translation>
    </message>
    <message>
        <source>{}: back to {}</source>
        <translation>{}: volver a {}</translation>
    </message>
    <message>
        <source>Default: {}. From {} to {}.</source>
        <translation>Predeterminado: {}. De {} a {}.</translation>
    </message>
</context>
<context>
    <name>Parameters</name>
    <message>
        <source>The reply ends before any of these texts. One a line; \n stands for a line break.</source>
        <translation>La respuesta termina antes de cualquiera de estos textos. Uno por línea; \n representa un salto de línea.</translation>
    </message>
    <message>
        <source>a new one for each reply</source>
        <translation>una nueva en cada respuesta</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>sin límite</translation>
    </message>
    <message>
        <source>off</source>
        <translation>desactivado</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatura</translation>
    </message>
    <message>
        <source>How often a less likely word is taken. Lower it for facts and code, raise it for ideas; at 0 the likeliest word is always taken.</source>
        <translation>Con qué frecuencia se toma una palabra menos probable. Bájala para datos y código, súbela para ideas; con 0 se toma siempre la más probable.</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Chooses among so many of the likeliest words only. Lower it when replies wander off.</source>
        <translation>Elige solo entre ese número de palabras más probables. Bájalo si las respuestas se van por las ramas.</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Chooses among the likeliest words that together have this probability. Lower it for replies that keep to the point.</source>
        <translation>Elige entre las palabras más probables que juntas suman esta probabilidad. Bájalo para respuestas más centradas.</translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Leaves out words less likely than this share of the likeliest one. Raise it when a high temperature brings nonsense.</source>
        <translation>Descarta las palabras menos probables que esta fracción de la más probable. Súbelo si una temperatura alta da disparates.</translation>
    </message>
    <message>
        <source>Typical-p</source>
        <translation>Typical-p</translation>
    </message>
    <message>
        <source>Prefers words about as surprising as the text usually is. Try 0.95 when replies are flat; it is seldom needed.</source>
        <translation>Prefiere palabras tan sorprendentes como suele serlo el texto. Prueba 0,95 si las respuestas son planas; rara vez hace falta.</translation>
    </message>
    <message>
        <source>Repeat penalty</source>
        <translation>Penalización por repetición</translation>
    </message>
    <message>
        <source>Makes words that were just used less likely. Raise it a little when the model goes round in circles; switch it off for code.</source>
        <translation>Hace menos probables las palabras recién usadas. Súbela un poco si el modelo da vueltas a lo mismo; desactívala para código.</translation>
    </message>
    <message>
        <source>Presence penalty</source>
        <translation>Penalización por presencia</translation>
    </message>
    <message>
        <source>Makes every word that was used at all less likely. Raise it to get on to new subjects.</source>
        <translation>Hace menos probable toda palabra que ya se haya usado. Súbela para pasar a temas nuevos.</translation>
    </message>
    <message>
        <source>Frequency penalty</source>
        <translation>Penalización por frecuencia</translation>
    </message>
    <message>
        <source>Makes a word less likely the more often it was used. Raise it against favourite words.</source>
        <translation>Hace una palabra menos probable cuanto más se ha usado. Súbela contra las muletillas.</translation>
    </message>
    <message>
        <source>Penalties look back</source>
        <translation>Memoria de las penalizaciones</translation>
    </message>
    <message>
        <source>How many tokens the three penalties above remember. -1 is the whole context.</source>
        <translation>Cuántos tokens recuerdan las tres penalizaciones de arriba. -1 es todo el contexto.</translation>
    </message>
    <message>
        <source>DRY strength</source>
        <translation>Fuerza de DRY</translation>
    </message>
    <message>
        <source>Stops the model from repeating whole phrases, however long ago they were. Try 0.8 when it writes the same sentences again.</source>
        <translation>Evita que el modelo repita frases enteras, por lejos que queden. Prueba 0,8 si vuelve a escribir las mismas frases.</translation>
    </message>
    <message>
        <source>DRY growth</source>
        <translation>Crecimiento de DRY</translation>
    </message>
    <message>
        <source>How much harder DRY gets with every further word of a repetition. Seldom needs a change.</source>
        <translation>Cuánto más severo se vuelve DRY con cada palabra más de una repetición. Rara vez hay que cambiarlo.</translation>
    </message>
    <message>
        <source>DRY allowed length</source>
        <translation>Longitud permitida por DRY</translation>
    </message>
    <message>
        <source>Repetitions of up to so many tokens are let through. Raise it when names and set phrases come out wrong.</source>
        <translation>Se permiten repeticiones de hasta ese número de tokens. Súbelo si los nombres y las frases hechas salen mal.</translation>
    </message>
    <message>
        <source>DRY looks back</source>
        <translation>Memoria de DRY</translation>
    </message>
    <message>
        <source>How many tokens DRY remembers. -1 is the whole context.</source>
        <translation>Cuántos tokens recuerda DRY. -1 es todo el contexto.</translation>
    </message>
    <message>
        <source>XTC probability</source>
        <translation>Probabilidad de XTC</translation>
    </message>
    <message>
        <source>How often the most likely words are left out, so that a rarer one has a chance. Try 0.5 for stories; leave it off for facts.</source>
        <translation>Con qué frecuencia se descartan las palabras más probables para dar paso a otra más rara. Prueba 0,5 para relatos; déjalo desactivado para datos.</translation>
    </message>
    <message>
        <source>XTC threshold</source>
        <translation>Umbral de XTC</translation>
    </message>
    <message>
        <source>How likely a word has to be for XTC to leave it out. Above 0.5 it never does.</source>
        <translation>Lo probable que debe ser una palabra para que XTC la descarte. Por encima de 0,5 nunca lo hace.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Semilla</translation>
    </message>
    <message>
        <source>The same seed and the same question give the same reply. Set it to repeat or compare.</source>
        <translation>La misma semilla y la misma pregunta dan la misma respuesta. Fíjala para repetir o comparar.</translation>
    </message>
    <message>
        <source>Longest reply, in tokens</source>
        <translation>Respuesta más larga, en tokens</translation>
    </message>
    <message>
        <source>The reply is cut off here. Set it on a slow computer; a token is about three quarters of a word.</source>
        <translation>La respuesta se corta aquí. Ponle un límite en un equipo lento; un token equivale a unas tres cuartas partes de una palabra.</translation>
    </message>
</context>
<context>
    <name>Presets</name>
    <message>
        <source>Give the preset a name.</source>
        <translation>Ponle un nombre al preajuste.</translation>
    </message>
    <message>
        <source>There is a preset of that name already. Choose another one.</source>
        <translation>Ya hay un preajuste con ese nombre. Elige otro.</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>Equilibrado</translation>
    </message>
    <message>
        <source>Precise</source>
        <translation>Preciso</translation>
    </message>
    <message>
        <source>Creative</source>
        <translation>Creativo</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Código</translation>
    </message>
</context>
<context>
    <name>Program</name>
    <message>
        <source>chatapp crashed last time. Nothing is lost; its log says more.</source>
        <translation>chatapp se cerró por un error la última vez. No se ha perdido nada; en su registro hay más detalles.</translation>
    </message>
</context>
<context>
    <name>PromptBox</name>
    <message>
        <source>Your message</source>
        <translation>Tu mensaje</translation>
    </message>
    <message>
        <source>Attach texts or PDFs</source>
        <translation>Adjuntar textos o PDF</translation>
    </message>
    <message>
        <source>Saved prompts (/)</source>
        <translation>Prompts guardados (/)</translation>
    </message>
    <message>
        <source>How the model writes</source>
        <translation>Cómo escribe el modelo</translation>
    </message>
    <message>
        <source>Send after this reply (Enter)</source>
        <translation>Enviar después de esta respuesta (Intro)</translation>
    </message>
    <message>
        <source>Stop (Esc)</source>
        <translation>Detener (Esc)</translation>
    </message>
    <message>
        <source>Send (Enter)</source>
        <translation>Enviar (Intro)</translation>
    </message>
    <message>
        <source>Write the next message meanwhile</source>
        <translation>Escribe mientras tanto el próximo mensaje</translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>Pregunta lo que quieras</translation>
    </message>
    <message>
        <source>Write how the text begins</source>
        <translation>Escribe cómo empieza el texto</translation>
    </message>
    <message>
        <source>Nothing new can be kept: the history can only be read</source>
        <translation>No se puede guardar nada nuevo: el historial es de solo lectura</translation>
    </message>
</context>
<context>
    <name>PromptController</name>
    <message>
        <source>An unsent text could not be read. It is kept, and read at the next start.</source>
        <translation>No se pudo leer un texto sin enviar. Se conserva y se leerá en el próximo inicio.</translation>
    </message>
    <message>
        <source>The message can be sent once its files are read.</source>
        <translation>El mensaje se podrá enviar cuando se hayan leído sus archivos.</translation>
    </message>
    <message>
        <source>It will not be sent.</source>
        <translation>No se enviará.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
</context>
<context>
    <name>PromptInspector</name>
    <message>
        <source>What the model reads</source>
        <translation>Lo que lee el modelo</translation>
    </message>
    <message>
        <source>Copy all of it</source>
        <translation>Copiarlo todo</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>{} of {} tokens, as {} reads them</source>
        <translation>{} de {} tokens, tal como los lee {}</translation>
    </message>
    <message>
        <source>messages left out: {}</source>
        <translation>mensajes omitidos: {}</translation>
    </message>
</context>
<context>
    <name>PromptPicker</name>
    <message>
        <source>Saved prompts</source>
        <translation>Prompts guardados</translation>
    </message>
    <message>
        <source>Edit saved prompts…</source>
        <translation>Editar los prompts guardados…</translation>
    </message>
    <message>
        <source>Save what is written…</source>
        <translation>Guardar lo escrito…</translation>
    </message>
</context>
<context>
    <name>PromptsDialog</name>
    <message>
        <source>Saved prompts</source>
        <translation>Prompts guardados</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nombre</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Texto</translation>
    </message>
    <message>
        <source>Text, with {{blanks}} to be filled in</source>
        <translation>Texto, con {{huecos}} para rellenar</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Nuevo</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Eliminar</translation>
    </message>
    <message>
        <source>New prompt</source>
        <translation>Prompt nuevo</translation>
    </message>
    <message>
        <source>Type / in an empty prompt to use one. Tab goes from one {{blank}} to the next.</source>
        <translation>Escribe / en un mensaje vacío para usar uno. El tabulador va de un {{hueco}} al siguiente.</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Listo</translation>
    </message>
    <message>
        <source>Deleted “{}”</source>
        <translation>Se ha eliminado «{}»</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
</context>
<context>
    <name>QueueBar</name>
    <message>
        <source>Messages to be sent next</source>
        <translation>Mensajes que se enviarán después</translation>
    </message>
    <message>
        <source>The reply did not come to its end, so these wait.</source>
        <translation>La respuesta no llegó a su fin, así que estos esperan.</translation>
    </message>
    <message>
        <source>Send now</source>
        <translation>Enviar ahora</translation>
    </message>
    <message>
        <source>Sent next:</source>
        <translation>Se envía después:</translation>
    </message>
    <message>
        <source>Then:</source>
        <translation>Luego:</translation>
    </message>
    <message>
        <source>Back into the prompt: {}</source>
        <translation>Devolver al mensaje: {}</translation>
    </message>
    <message>
        <source>Do not send: {}</source>
        <translation>No enviar: {}</translation>
    </message>
</context>
<context>
    <name>ReasoningView</name>
    <message>
        <source>Thinking… {} s</source>
        <translation>Pensando… {} s</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>Pensando…</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>Razonamiento</translation>
    </message>
    <message>
        <source>Thought for {} s</source>
        <translation>Pensó durante {} s</translation>
    </message>
</context>
<context>
    <name>RecipeCard</name>
    <message>
        <source>What it is made of</source>
        <translation>De qué está hecho</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Abrir la carpeta</translation>
    </message>
    <message>
        <source>Move to the trash…</source>
        <translation>Mover a la papelera…</translation>
    </message>
    <message>
        <source>Stop it first.</source>
        <translation>Detenlo antes.</translation>
    </message>
    <message>
        <source>Its config.toml cannot be read.</source>
        <translation>Su config.toml no se puede leer.</translation>
    </message>
</context>
<context>
    <name>ReplyView</name>
    <message>
        <source>The model</source>
        <translation>El modelo</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Detenida.</translation>
    </message>
    <message>
        <source>The program ended while this was being written.</source>
        <translation>El programa terminó mientras se escribía esto.</translation>
    </message>
    <message>
        <source>This reply could not be finished.</source>
        <translation>Esta respuesta no se pudo terminar.</translation>
    </message>
    <message>
        <source>It ends here because the longest length allowed was reached.</source>
        <translation>Termina aquí porque se alcanzó la longitud máxima permitida.</translation>
    </message>
</context>
<context>
    <name>ReportView</name>
    <message>
        <source>What it mixes up</source>
        <translation>Qué confunde</translation>
    </message>
</context>
<context>
    <name>ResultCard</name>
    <message>
        <source>Chat with it</source>
        <translation>Chatear con él</translation>
    </message>
    <message>
        <source>Open the model&apos;s folder</source>
        <translation>Abrir la carpeta del modelo</translation>
    </message>
    <message>
        <source>What it had learned when it was stopped</source>
        <translation>Lo que había aprendido cuando se detuvo</translation>
    </message>
    <message>
        <source>The model is ready</source>
        <translation>El modelo está listo</translation>
    </message>
    <message>
        <source>{figures}, on what it never learned from, after {steps} steps.</source>
        <translation>{figures}, con lo que nunca ha aprendido, tras {steps} pasos.</translation>
    </message>
</context>
<context>
    <name>ResultModel</name>
    <message>
        <source>Titles</source>
        <translation>Títulos</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>Mensajes</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>Chat nuevo</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Tú</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>Respuesta</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation>Archivadas</translation>
    </message>
</context>
<context>
    <name>ResultView</name>
    <message>
        <source>What was found</source>
        <translation>Lo encontrado</translation>
    </message>
</context>
<context>
    <name>RunListView</name>
    <message>
        <source>Runs, the newest first</source>
        <translation>Entrenamientos, el más reciente primero</translation>
    </message>
</context>
<context>
    <name>RunPage</name>
    <message>
        <source>All runs</source>
        <translation>Todos los entrenamientos</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pausar</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>Detener y guardar</translation>
    </message>
    <message>
        <source>Ends here, and keeps the model as it was at its best.</source>
        <translation>Termina aquí y guarda el modelo como era en su mejor momento.</translation>
    </message>
    <message>
        <source>New run like this</source>
        <translation>Nuevo entrenamiento como este</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Pasos</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>Empezar</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Reanudar</translation>
    </message>
</context>
<context>
    <name>RunRemover</name>
    <message>
        <source>“{}” is learning. Stop it first.</source>
        <translation>«{}» está aprendiendo. Detenlo antes.</translation>
    </message>
    <message>
        <source>Move “{}” to the trash?</source>
        <translation>¿Mover «{}» a la papelera?</translation>
    </message>
    <message>
        <source>The run goes with its curves, its checkpoints and the model that came out.</source>
        <translation>El entrenamiento se va con sus curvas, sus puntos de control y el modelo que ha salido.</translation>
    </message>
    <message>
        <source>Move to trash</source>
        <translation>Mover a la papelera</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Conservarlo</translation>
    </message>
    <message>
        <source>It could not be taken out of the trash again.</source>
        <translation>No se ha podido sacar de la papelera.</translation>
    </message>
    <message>
        <source>“{name}” cannot be moved to the trash; it is still in {folder}.</source>
        <translation>«{name}» no se puede mover a la papelera; sigue en {folder}.</translation>
    </message>
    <message>
        <source>In the trash: “{}”</source>
        <translation>En la papelera: «{}»</translation>
    </message>
</context>
<context>
    <name>RunWatcher</name>
    <message>
        <source>The training cannot be started: {}</source>
        <translation>El entrenamiento no se puede iniciar: {}</translation>
    </message>
    <message>
        <source>The run cannot be asked: {}</source>
        <translation>No se le puede pedir nada al entrenamiento: {}</translation>
    </message>
</context>
<context>
    <name>SamplesCard</name>
    <message>
        <source>Back through time</source>
        <translation>Hacia atrás en el tiempo</translation>
    </message>
    <message>
        <source>Samples appear with the first evaluation.</source>
        <translation>Las muestras aparecen con la primera evaluación.</translation>
    </message>
    <message>
        <source>after {} steps</source>
        <translation>tras {} pasos</translation>
    </message>
</context>
<context>
    <name>SavedPrompts</name>
    <message>
        <source>The saved prompts cannot be written to {}: {}.</source>
        <translation>Los prompts guardados no se pueden escribir en {}: {}.</translation>
    </message>
    <message>
        <source>The saved prompts in {} cannot be read: {}.</source>
        <translation>No se pueden leer los prompts guardados de {}: {}.</translation>
    </message>
    <message>
        <source>The saved prompts are damaged ({}) and cannot be set aside ({}).</source>
        <translation>Los prompts guardados están dañados ({}) y no se pueden apartar ({}).</translation>
    </message>
    <message>
        <source>The saved prompts were damaged ({}). They were kept as {}.</source>
        <translation>Los prompts guardados estaban dañados ({}). Se han guardado como {}.</translation>
    </message>
    <message>
        <source>Summarise</source>
        <translation>Resumir</translation>
    </message>
    <message>
        <source>Summarise the following in five short points, in plain words:

{{text}}</source>
        <translation>Resume lo siguiente en cinco puntos breves, con palabras sencillas:

{{texto}}</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>Traducir</translation>
    </message>
    <message>
        <source>Translate this into {{language}} and keep its tone:

{{text}}</source>
        <translation>Traduce esto al {{idioma}} y conserva el tono:

{{texto}}</translation>
    </message>
    <message>
        <source>Explain step by step</source>
        <translation>Explicar paso a paso</translation>
    </message>
    <message>
        <source>Explain {{topic}} step by step to somebody who is new to it, with one everyday example.</source>
        <translation>Explica {{tema}} paso a paso a alguien que no lo conoce, con un ejemplo cotidiano.</translation>
    </message>
</context>
<context>
    <name>SearchBox</name>
    <message>
        <source>Search everything</source>
        <translation>Buscar en todo</translation>
    </message>
    <message>
        <source>Search titles and messages</source>
        <translation>Buscar títulos y mensajes</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Buscar</translation>
    </message>
    <message>
        <source>Narrow it down with {}</source>
        <translation>Acota con {}</translation>
    </message>
    <message>
        <source>model: wants a part of a model&apos;s name</source>
        <translation>model: espera una parte del nombre de un modelo</translation>
    </message>
    <message>
        <source>role: wants user, assistant or system</source>
        <translation>role: espera user, assistant o system</translation>
    </message>
    <message>
        <source>before: wants a year, a month or a day, such as 2024-05-31</source>
        <translation>before: espera un año, un mes o un día, como 2024-05-31</translation>
    </message>
    <message>
        <source>after: wants a year, a month or a day, such as 2024-05-31</source>
        <translation>after: espera un año, un mes o un día, como 2024-05-31</translation>
    </message>
    <message>
        <source>pinned: wants yes or no</source>
        <translation>pinned: espera yes o no</translation>
    </message>
    <message>
        <source>folder: wants the name of a folder, in quotes if it has spaces</source>
        <translation>folder: espera el nombre de una carpeta, entre comillas si tiene espacios</translation>
    </message>
</context>
<context>
    <name>SelectionBar</name>
    <message>
        <source>Archive</source>
        <translation>Archivar</translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation>Mover a la carpeta</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportar…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Eliminar</translation>
    </message>
    <message numerus="yes">
        <source>%n selected</source>
        <translation>
            <numerusform>%n seleccionada</numerusform>
            <numerusform>%n seleccionadas</numerusform>
        </translation>
    </message>
    <message>
        <source>Take out of the archive</source>
        <translation>Sacar del archivo</translation>
    </message>
</context>
<context>
    <name>SettingsController</name>
    <message>
        <source>Keys</source>
        <translation>Teclas</translation>
    </message>
    <message>
        <source>General</source>
        <translation>General</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelos</translation>
    </message>
    <message>
        <source>The preset “{}” was saved.</source>
        <translation>Se ha guardado el preajuste «{}».</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>New conversations with this model begin with these values.</source>
        <translation>Las conversaciones nuevas con este modelo empiezan con estos valores.</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>Sections of the settings</source>
        <translation>Secciones de los ajustes</translation>
    </message>
</context>
<context>
    <name>SettingsPanel</name>
    <message>
        <source>How the model writes</source>
        <translation>Cómo escribe el modelo</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Preajuste</translation>
    </message>
    <message>
        <source>What the model is told beforehand</source>
        <translation>Lo que se le dice de antemano al modelo</translation>
    </message>
    <message>
        <source>Save as a preset…</source>
        <translation>Guardar como preajuste…</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Más</translation>
    </message>
    <message>
        <source>Use these for this model from now on</source>
        <translation>Usar estos valores para este modelo</translation>
    </message>
    <message>
        <source>For example: Answer briefly, in Spanish.</source>
        <translation>Por ejemplo: Responde con brevedad, en español.</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatura</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation>Nombre del preajuste</translation>
    </message>
    <message>
        <source>Name of the preset, then Enter</source>
        <translation>Nombre del preajuste, luego Intro</translation>
    </message>
    <message>
        <source>How freely it writes</source>
        <translation>Con cuánta libertad escribe</translation>
    </message>
    <message>
        <source>Less</source>
        <translation>Menos</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Keys</source>
        <translation>Teclas</translation>
    </message>
    <message>
        <source>Search what to do, or a key</source>
        <translation>Busca qué hacer, o una tecla</translation>
    </message>
    <message>
        <source>Search the keys</source>
        <translation>Buscar en las teclas</translation>
    </message>
    <message>
        <source>Change keys…</source>
        <translation>Cambiar las teclas…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>Keys and what they do</source>
        <translation>Las teclas y lo que hacen</translation>
    </message>
</context>
<context>
    <name>Shortcuts</name>
    <message>
        <source>Everywhere</source>
        <translation>En todas partes</translation>
    </message>
    <message>
        <source>In a conversation</source>
        <translation>En una conversación</translation>
    </message>
    <message>
        <source>Among the models</source>
        <translation>Entre los modelos</translation>
    </message>
    <message>
        <source> or </source>
        <translation> o </translation>
    </message>
    <message>
        <source>New conversation</source>
        <translation>Conversación nueva</translation>
    </message>
    <message>
        <source>New incognito chat</source>
        <translation>Nuevo chat de incógnito</translation>
    </message>
    <message>
        <source>Go to the conversations</source>
        <translation>Ir a las conversaciones</translation>
    </message>
    <message>
        <source>Go to the models</source>
        <translation>Ir a los modelos</translation>
    </message>
    <message>
        <source>Go to the Lab</source>
        <translation>Ir al laboratorio</translation>
    </message>
    <message>
        <source>Search titles and messages</source>
        <translation>Buscar títulos y mensajes</translation>
    </message>
    <message>
        <source>Show or hide the list</source>
        <translation>Mostrar u ocultar la lista</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Ajustes</translation>
    </message>
    <message>
        <source>Keys: this list</source>
        <translation>Teclas: esta lista</translation>
    </message>
    <message>
        <source>Larger letters</source>
        <translation>Letra más grande</translation>
    </message>
    <message>
        <source>Smaller letters</source>
        <translation>Letra más pequeña</translation>
    </message>
    <message>
        <source>Letters of usual size</source>
        <translation>Letra de tamaño normal</translation>
    </message>
    <message>
        <source>Close chatapp</source>
        <translation>Cerrar chatapp</translation>
    </message>
    <message>
        <source>Stop the reply</source>
        <translation>Detener la respuesta</translation>
    </message>
    <message>
        <source>Find in the conversation</source>
        <translation>Buscar en la conversación</translation>
    </message>
    <message>
        <source>Add a model file</source>
        <translation>Añadir un archivo de modelo</translation>
    </message>
    <message>
        <source>Find a model</source>
        <translation>Buscar un modelo</translation>
    </message>
    <message>
        <source>Send the message</source>
        <translation>Enviar el mensaje</translation>
    </message>
    <message>
        <source>Begin a new line</source>
        <translation>Empezar una línea nueva</translation>
    </message>
    <message>
        <source>Take back the last message, in an empty prompt</source>
        <translation>Recuperar el último mensaje, con el campo vacío</translation>
    </message>
    <message>
        <source>Choose a saved prompt, in an empty prompt</source>
        <translation>Elegir un prompt guardado, con el campo vacío</translation>
    </message>
    <message>
        <source>Go to the message before or after</source>
        <translation>Ir al mensaje anterior o siguiente</translation>
    </message>
    <message>
        <source>Scroll the conversation from the prompt</source>
        <translation>Desplazar la conversación desde el mensaje</translation>
    </message>
    <message>
        <source>Rename the chosen conversation</source>
        <translation>Cambiar el nombre de la conversación elegida</translation>
    </message>
    <message>
        <source>Delete the chosen conversation</source>
        <translation>Eliminar la conversación elegida</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copiar</translation>
    </message>
    <message>
        <source>Cut</source>
        <translation>Cortar</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>Pegar</translation>
    </message>
    <message>
        <source>Choose all</source>
        <translation>Seleccionar todo</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
    <message>
        <source>Go to the next field or button</source>
        <translation>Ir al campo o botón siguiente</translation>
    </message>
    <message>
        <source>Go back to the one before</source>
        <translation>Volver al anterior</translation>
    </message>
</context>
<context>
    <name>ShortcutsSection</name>
    <message>
        <source>Put all keys back</source>
        <translation>Restablecer todas las teclas</translation>
    </message>
    <message>
        <source>{} is needed for writing. Use it together with Ctrl or Alt.</source>
        <translation>{} hace falta para escribir. Úsala junto con Ctrl o Alt.</translation>
    </message>
    <message>
        <source>{} is taken by “{}”. Choose other keys, or change those first.</source>
        <translation>{} ya se usa para «{}». Elige otras teclas o cambia antes esas.</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>New chat</source>
        <translation>Chat nuevo</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation>Archivadas</translation>
    </message>
    <message>
        <source>More about conversations</source>
        <translation>Más opciones de las conversaciones</translation>
    </message>
    <message>
        <source>Archive, trash, import, export</source>
        <translation>Archivo, papelera, importar, exportar</translation>
    </message>
    <message>
        <source>Back from the archive</source>
        <translation>Volver del archivo</translation>
    </message>
    <message>
        <source>New incognito chat</source>
        <translation>Nuevo chat de incógnito</translation>
    </message>
    <message>
        <source>Trash…</source>
        <translation>Papelera…</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importar…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportar…</translation>
    </message>
    <message>
        <source>Nothing was found.</source>
        <translation>No se ha encontrado nada.</translation>
    </message>
    <message>
        <source>Nothing is archived.</source>
        <translation>No hay nada archivado.</translation>
    </message>
    <message>
        <source>Your conversations appear here.</source>
        <translation>Tus conversaciones aparecen aquí.</translation>
    </message>
</context>
<context>
    <name>SidebarController</name>
    <message>
        <source>Deleted “{}”</source>
        <translation>Se ha eliminado «{}»</translation>
    </message>
    <message numerus="yes">
        <source>Deleted %n conversation(s)</source>
        <translation>
            <numerusform>Se ha eliminado %n conversación</numerusform>
            <numerusform>Se han eliminado %n conversaciones</numerusform>
        </translation>
    </message>
    <message>
        <source>Archived “{}”</source>
        <translation>Se ha archivado «{}»</translation>
    </message>
    <message numerus="yes">
        <source>Archived %n conversation(s)</source>
        <translation>
            <numerusform>Se ha archivado %n conversación</numerusform>
            <numerusform>Se han archivado %n conversaciones</numerusform>
        </translation>
    </message>
    <message>
        <source>Took “{}” out of the archive</source>
        <translation>Se ha sacado «{}» del archivo</translation>
    </message>
    <message numerus="yes">
        <source>Took %n conversation(s) out of the archive</source>
        <translation>
            <numerusform>Se ha sacado %n conversación del archivo</numerusform>
            <numerusform>Se han sacado %n conversaciones del archivo</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Pinned %n conversation(s)</source>
        <translation>
            <numerusform>Se ha fijado %n conversación</numerusform>
            <numerusform>Se han fijado %n conversaciones</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unpinned %n conversation(s)</source>
        <translation>
            <numerusform>Se ha desfijado %n conversación</numerusform>
            <numerusform>Se han desfijado %n conversaciones</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Moved %n conversation(s) to “{}”</source>
        <translation>
            <numerusform>Se ha movido %n conversación a «{}»</numerusform>
            <numerusform>Se han movido %n conversaciones a «{}»</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Moved %n conversation(s) out of the folder</source>
        <translation>
            <numerusform>Se ha sacado %n conversación de la carpeta</numerusform>
            <numerusform>Se han sacado %n conversaciones de la carpeta</numerusform>
        </translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Deshacer</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Offline</source>
        <translation>En local</translation>
    </message>
    <message>
        <source>Nothing you write leaves this computer.</source>
        <translation>Nada de lo que escribes sale de este equipo.</translation>
    </message>
    <message>
        <source>{} tokens/s</source>
        <translation>{} tokens/s</translation>
    </message>
    <message>
        <source>first word after {} s</source>
        <translation>primera palabra tras {} s</translation>
    </message>
    <message>
        <source>Show what the model reads</source>
        <translation>Mostrar lo que lee el modelo</translation>
    </message>
    <message>
        <source>{}. Show what the model reads</source>
        <translation>{}. Mostrar lo que lee el modelo</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Todavía no hay ningún modelo</translation>
    </message>
    <message>
        <source>Loading {}…</source>
        <translation>Cargando {}…</translation>
    </message>
    <message>
        <source>Loading {}… {} %</source>
        <translation>Cargando {}… {} %</translation>
    </message>
    <message>
        <source>Waiting for the reply in another conversation…</source>
        <translation>Esperando la respuesta de otra conversación…</translation>
    </message>
    <message>
        <source>Reading the prompt…</source>
        <translation>Leyendo el prompt…</translation>
    </message>
    <message>
        <source>Reading the prompt: {} of {} tokens</source>
        <translation>Leyendo el prompt: {} de {} tokens</translation>
    </message>
    <message>
        <source>{}, {} s left</source>
        <translation>{}, quedan {} s</translation>
    </message>
    <message>
        <source>~{} tokens/s</source>
        <translation>~{} tokens/s</translation>
    </message>
    <message>
        <source>{} tokens of context</source>
        <translation>{} tokens de contexto</translation>
    </message>
    <message>
        <source>{} of {} tokens</source>
        <translation>{} de {} tokens</translation>
    </message>
</context>
<context>
    <name>TableBlock</name>
    <message>
        <source>Table</source>
        <translation>Tabla</translation>
    </message>
</context>
<context>
    <name>Trainer</name>
    <message>
        <source>running</source>
        <translation>en marcha</translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>Conversation</source>
        <translation>Conversación</translation>
    </message>
</context>
<context>
    <name>TranslationTrial</name>
    <message>
        <source>A text to be translated</source>
        <translation>Un texto para traducir</translation>
    </message>
    <message>
        <source>Type a sentence, then press Enter.</source>
        <translation>Escribe una frase y pulsa Intro.</translation>
    </message>
    <message>
        <source>The translation</source>
        <translation>La traducción</translation>
    </message>
    <message>
        <source>The translation appears here.</source>
        <translation>La traducción aparece aquí.</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>Traducir</translation>
    </message>
    <message>
        <source>What each token looked at</source>
        <translation>En qué se fijó cada token</translation>
    </message>
    <message>
        <source>First type what is to be translated.</source>
        <translation>Escribe primero lo que hay que traducir.</translation>
    </message>
    <message>
        <source>Translating…</source>
        <translation>Traduciendo…</translation>
    </message>
    <message>
        <source>Point at a row, or go through them with the arrow keys.</source>
        <translation>Señala una fila o recórrelas con las flechas.</translation>
    </message>
    <message>
        <source>It wrote nothing.</source>
        <translation>No ha escrito nada.</translation>
    </message>
    <message>
        <source>It has no attention: it reads the whole text first and then writes.</source>
        <translation>No tiene atención: primero lee todo el texto y después escribe.</translation>
    </message>
</context>
<context>
    <name>TrashDialog</name>
    <message>
        <source>What you delete stays here for {} days, then it is erased for good, in backups too.</source>
        <translation>Lo que eliminas se queda aquí {} días y después se borra para siempre, también de las copias de seguridad.</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>Papelera</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Título</translation>
    </message>
    <message>
        <source>Deleted</source>
        <translation>Eliminada</translation>
    </message>
    <message>
        <source>Days left</source>
        <translation>Días que quedan</translation>
    </message>
    <message>
        <source>Deleted conversations</source>
        <translation>Conversaciones eliminadas</translation>
    </message>
    <message>
        <source>Empty the trash…</source>
        <translation>Vaciar la papelera…</translation>
    </message>
    <message>
        <source>Erase for good…</source>
        <translation>Borrar para siempre…</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Restaurar</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Cerrar</translation>
    </message>
    <message>
        <source>Erased for good: {}</source>
        <translation>Borradas para siempre: {}</translation>
    </message>
    <message>
        <source>Restored: {}</source>
        <translation>Restauradas: {}</translation>
    </message>
    <message>
        <source>Erase the chosen conversations for good? ({})</source>
        <translation>¿Borrar para siempre las conversaciones elegidas? ({})</translation>
    </message>
    <message>
        <source>Erase everything in the trash for good? ({})</source>
        <translation>¿Borrar para siempre todo lo que hay en la papelera? ({})</translation>
    </message>
    <message>
        <source>The trash is empty.</source>
        <translation>La papelera está vacía.</translation>
    </message>
    <message>
        <source>Untitled</source>
        <translation>Sin título</translation>
    </message>
    <message>
        <source>They leave the history, the search and the backups of chatapp. This cannot be undone.</source>
        <translation>Desaparecen del historial, de la búsqueda y de las copias de seguridad de chatapp. No se puede deshacer.</translation>
    </message>
    <message>
        <source>Erase for good</source>
        <translation>Borrar para siempre</translation>
    </message>
</context>
<context>
    <name>TryIt</name>
    <message>
        <source>Try it</source>
        <translation>Probarlo</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Intentar de nuevo</translation>
    </message>
    <message>
        <source>The model is being opened…</source>
        <translation>Abriendo el modelo…</translation>
    </message>
</context>
<context>
    <name>UserView</name>
    <message>
        <source>You: {}</source>
        <translation>Tú: {}</translation>
    </message>
</context>
<context>
    <name>WorkSheet</name>
    <message>
        <source>Cancelled. Nothing was changed.</source>
        <translation>Cancelado. No se ha cambiado nada.</translation>
    </message>
</context>
<context>
    <name>_Counts</name>
    <message numerus="yes">
        <source>%Ln step(s)</source>
        <translation>
            <numerusform>%Ln paso</numerusform>
            <numerusform>%Ln pasos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln example(s) each</source>
        <translation>
            <numerusform>%Ln ejemplo cada uno</numerusform>
            <numerusform>%Ln ejemplos cada uno</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln layer(s)</source>
        <translation>
            <numerusform>%Ln capa</numerusform>
            <numerusform>%Ln capas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln head(s)</source>
        <translation>
            <numerusform>%Ln cabeza</numerusform>
            <numerusform>%Ln cabezas</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Delegate</name>
    <message>
        <source>default</source>
        <translation>predeterminado</translation>
    </message>
</context>
<context>
    <name>_FoundCounts</name>
    <message numerus="yes">
        <source>%Ln text(s), {} characters in all.</source>
        <translation>
            <numerusform>%Ln texto, {} caracteres en total.</numerusform>
            <numerusform>%Ln textos, {} caracteres en total.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln example(s).</source>
        <translation>
            <numerusform>%Ln ejemplo.</numerusform>
            <numerusform>%Ln ejemplos.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln repeat(s) others and count(s) once with them.</source>
        <translation>
            <numerusform>%Ln repite otro y cuenta una vez con él.</numerusform>
            <numerusform>%Ln repiten otros y cuentan una vez con ellos.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <translation>
            <numerusform>%Ln más</numerusform>
            <numerusform>%Ln más</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>… and %Ln more</source>
        <translation>
            <numerusform>… y %Ln más</numerusform>
            <numerusform>… y %Ln más</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_KeysField</name>
    <message>
        <source>Keys for: {}</source>
        <translation>Teclas para: {}</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Ninguna</translation>
    </message>
    <message>
        <source>No keys for: {}</source>
        <translation>Sin teclas para: {}</translation>
    </message>
    <message>
        <source>Put back</source>
        <translation>Restablecer</translation>
    </message>
    <message>
        <source>Put back the keys for: {}</source>
        <translation>Restablecer las teclas para: {}</translation>
    </message>
</context>
<context>
    <name>_Table</name>
    <message>
        <source>Columns</source>
        <translation>Columnas</translation>
    </message>
</context>
<context>
    <name>_Words</name>
    <message numerus="yes">
        <source>%Ln characters</source>
        <translation>
            <numerusform>%Ln carácter</numerusform>
            <numerusform>%Ln caracteres</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>data</name>
    <message>
        <source>Today, {}</source>
        <translation>Hoy, {}</translation>
    </message>
    <message>
        <source>Yesterday, {}</source>
        <translation>Ayer, {}</translation>
    </message>
</context>
<context>
    <name>lab</name>
    <message>
        <source>Loss</source>
        <translation>Pérdida</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplejidad</translation>
    </message>
    <message>
        <source>Is ↓   Sorted as →</source>
        <translation>Es ↓   Clasificado como →</translation>
    </message>
    <message>
        <source>Its probabilities are off by {} on average. Without any error, four of five texts it is 80 % sure of are sorted right.</source>
        <translation>Sus probabilidades se desvían un {} de media. Sin ningún error, cuatro de cada cinco textos de los que está seguro al 80 % están bien clasificados.</translation>
    </message>
    <message>
        <source>{low} to {high}</source>
        <translation>{low} a {high}</translation>
    </message>
    <message>
        <source>the best</source>
        <translation>el mejor</translation>
    </message>
    <message>
        <source>{n} of {all} that are {label}, sorted as {given}</source>
        <translation>{n} de {all} que son {label}, clasificados como {given}</translation>
    </message>
    <message>
        <source>This model</source>
        <translation>Este modelo</translation>
    </message>
    <message>
        <source>Before training</source>
        <translation>Antes de entrenar</translation>
    </message>
    <message>
        <source>The most frequent label</source>
        <translation>La etiqueta más frecuente</translation>
    </message>
    <message>
        <source>Naive Bayes</source>
        <translation>Bayes ingenuo</translation>
    </message>
    <message>
        <source>5-grams (Kneser-Ney)</source>
        <translation>5-gramas (Kneser-Ney)</translation>
    </message>
    <message>
        <source>The source left as it is</source>
        <translation>El original tal como está</translation>
    </message>
    <message>
        <source>Gender: man or woman</source>
        <translation>Género: hombre o mujer</translation>
    </message>
    <message>
        <source>Age: young or old</source>
        <translation>Edad: joven o mayor</translation>
    </message>
    <message>
        <source>Religion: Christian or another</source>
        <translation>Religión: cristiana u otra</translation>
    </message>
    <message>
        <source>Origin: Western or not</source>
        <translation>Origen: occidental o no</translation>
    </message>
    <message>
        <source>Disability: without or with one</source>
        <translation>Discapacidad: sin ella o con ella</translation>
    </message>
    <message>
        <source>Bits per character</source>
        <translation>Bits por carácter</translation>
    </message>
    <message>
        <source>Bits per byte</source>
        <translation>Bits por byte</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisión</translation>
    </message>
    <message>
        <source>Of the texts given a label, the share that are of it.</source>
        <translation>De los textos que recibieron una etiqueta, la parte a la que le corresponde.</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>Exhaustividad</translation>
    </message>
    <message>
        <source>Of the texts of a label, the share that were found.</source>
        <translation>De los textos de una etiqueta, la parte que se encontró.</translation>
    </message>
    <message>
        <source>High where precision and recall are: their harmonic mean.</source>
        <translation>Alto donde lo son la precisión y la exhaustividad: su media armónica.</translation>
    </message>
    <message>
        <source>Exact matches</source>
        <translation>Coincidencias exactas</translation>
    </message>
    <message>
        <source>Mean difference</source>
        <translation>Diferencia media</translation>
    </message>
    <message>
        <source>Above 0 the first word of a pair is the likelier, below 0 the other.</source>
        <translation>Por encima de 0 es más probable la primera palabra del par; por debajo, la otra.</translation>
    </message>
    <message>
        <source>Spread</source>
        <translation>Dispersión</translation>
    </message>
    <message>
        <source>0 if what is told of somebody changes nothing in which word is likelier.</source>
        <translation>0 si lo que se cuenta de alguien no cambia qué palabra es más probable.</translation>
    </message>
    <message>
        <source>First preferred</source>
        <translation>Primera preferida</translation>
    </message>
    <message>
        <source>In how many pairs the first word is the likelier.</source>
        <translation>En cuántos pares es más probable la primera palabra.</translation>
    </message>
    <message>
        <source>Right answers</source>
        <translation>Aciertos</translation>
    </message>
    <message>
        <source>F1, mean of the labels</source>
        <translation>F1, media de las etiquetas</translation>
    </message>
    <message>
        <source>F1, mean of the questions</source>
        <translation>F1, media de las preguntas</translation>
    </message>
    <message>
        <source>Answers that match exactly</source>
        <translation>Respuestas exactas</translation>
    </message>
    <message>
        <source>Loss of next sentences</source>
        <translation>Pérdida de frases siguientes</translation>
    </message>
    <message>
        <source>How surprised the model is by what it never learned from.</source>
        <translation>Cuánto sorprende al modelo aquello de lo que nunca ha aprendido.</translation>
    </message>
    <message>
        <source>Among how many tokens it wavers, as if each were as likely as the others.</source>
        <translation>Entre cuántos tokens duda, como si todos fueran igual de probables.</translation>
    </message>
    <message>
        <source>What a character would take, packed with this model: the less the better.</source>
        <translation>Lo que ocuparía un carácter comprimido con este modelo: cuanto menos, mejor.</translation>
    </message>
    <message>
        <source>How far an answer has the same words as the right one that is nearest to it.</source>
        <translation>Hasta qué punto una respuesta tiene las mismas palabras que la correcta más parecida.</translation>
    </message>
    <message>
        <source>Words in common with a human translation, out of 100.</source>
        <translation>Palabras en común con una traducción humana, sobre 100.</translation>
    </message>
    <message>
        <source>Letters in common with a human translation, out of 100.</source>
        <translation>Letras en común con una traducción humana, sobre 100.</translation>
    </message>
    <message>
        <source>{} s</source>
        <translation>{} s</translation>
    </message>
    <message>
        <source>{} min</source>
        <translation>{} min</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} h {minutes} min</translation>
    </message>
    <message>
        <source>pausing</source>
        <translation>pausando</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>deteniendo</translation>
    </message>
    <message>
        <source>not begun</source>
        <translation>sin empezar</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>iniciando</translation>
    </message>
    <message>
        <source>preparing</source>
        <translation>preparando</translation>
    </message>
    <message>
        <source>learning</source>
        <translation>aprendiendo</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>en pausa</translation>
    </message>
    <message>
        <source>cut off</source>
        <translation>interrumpido</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>detenido</translation>
    </message>
    <message>
        <source>done</source>
        <translation>terminado</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>fallido</translation>
    </message>
    <message>
        <source>The data and the model are being read.</source>
        <translation>Se están leyendo los datos y el modelo.</translation>
    </message>
    <message>
        <source>{step} of {all} steps</source>
        <translation>{step} de {all} pasos</translation>
    </message>
    <message>
        <source>{} tokens/s</source>
        <translation>{} tokens/s</translation>
    </message>
    <message>
        <source>{} left</source>
        <translation>quedan {}</translation>
    </message>
    <message>
        <source>loss {}</source>
        <translation>pérdida {}</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>ahora mismo</translation>
    </message>
    <message>
        <source>{} min ago</source>
        <translation>hace {} min</translation>
    </message>
    <message>
        <source>{} h ago</source>
        <translation>hace {} h</translation>
    </message>
    <message>
        <source>It was made, and never begun.</source>
        <translation>Está creado, pero nunca ha empezado.</translation>
    </message>
    <message>
        <source>Its process has ended without a word: it was killed, or the power failed. What came before its last checkpoint is kept; resume it, and it goes on from there.</source>
        <translation>Su proceso ha terminado sin decir nada: alguien lo mató o se fue la luz. Lo anterior a su último punto de control se conserva; reanúdalo y seguirá desde ahí.</translation>
    </message>
    <message>
        <source>What it writes</source>
        <translation>Lo que escribe</translation>
    </message>
    <message>
        <source>What it replies</source>
        <translation>Lo que responde</translation>
    </message>
    <message>
        <source>How it translates</source>
        <translation>Cómo traduce</translation>
    </message>
    <message>
        <source>How it fills gaps</source>
        <translation>Cómo rellena huecos</translation>
    </message>
    <message>
        <source>How it sorts</source>
        <translation>Cómo clasifica</translation>
    </message>
    <message>
        <source>How it answers</source>
        <translation>Cómo responde</translation>
    </message>
    <message>
        <source>to go on with a text, token by token</source>
        <translation>a continuar un texto, token a token</translation>
    </message>
    <message>
        <source>to reply in conversations; only the replies count</source>
        <translation>a responder en conversaciones; solo cuentan las respuestas</translation>
    </message>
    <message>
        <source>to turn one text into another</source>
        <translation>a convertir un texto en otro</translation>
    </message>
    <message>
        <source>to fill gaps in a text</source>
        <translation>a rellenar huecos en un texto</translation>
    </message>
    <message>
        <source>to sort texts by label</source>
        <translation>a clasificar textos por etiqueta</translation>
    </message>
    <message>
        <source>to find the answer to a question in a text</source>
        <translation>a encontrar la respuesta a una pregunta en un texto</translation>
    </message>
    <message>
        <source>rate {}</source>
        <translation>tasa {}</translation>
    </message>
    <message>
        <source>seed {}</source>
        <translation>semilla {}</translation>
    </message>
    <message>
        <source>Learns</source>
        <translation>Aprende</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modelo</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Datos</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Licencia</translation>
    </message>
    <message>
        <source>not said</source>
        <translation>no indicada</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Tokens</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Entrenamiento</translation>
    </message>
    <message>
        <source>goes on from {}</source>
        <translation>parte de {}</translation>
    </message>
    <message>
        <source>with an adapter (LoRA) of rank {}</source>
        <translation>con un adaptador (LoRA) de rango {}</translation>
    </message>
    <message>
        <source>only its new head learns</source>
        <translation>solo aprende su cabeza nueva</translation>
    </message>
    <message>
        <source>encoder and decoder</source>
        <translation>codificador y decodificador</translation>
    </message>
    <message>
        <source>{} wide</source>
        <translation>{} de ancho</translation>
    </message>
    <message>
        <source>held out: {}</source>
        <translation>apartado: {}</translation>
    </message>
    <message>
        <source>{} % held out</source>
        <translation>{} % apartado</translation>
    </message>
    <message>
        <source>those of {}</source>
        <translation>los de {}</translation>
    </message>
    <message>
        <source>one for each character</source>
        <translation>uno por carácter</translation>
    </message>
    <message>
        <source>the text</source>
        <translation>el texto</translation>
    </message>
    <message>
        <source>its label</source>
        <translation>su etiqueta</translation>
    </message>
    <message>
        <source>in the first language</source>
        <translation>en el primer idioma</translation>
    </message>
    <message>
        <source>in the second language</source>
        <translation>en el segundo idioma</translation>
    </message>
    <message>
        <source>the text asked about</source>
        <translation>el texto sobre el que se pregunta</translation>
    </message>
    <message>
        <source>the question</source>
        <translation>la pregunta</translation>
    </message>
    <message>
        <source>the answer</source>
        <translation>la respuesta</translation>
    </message>
    <message>
        <source>what is asked</source>
        <translation>lo que se pregunta</translation>
    </message>
    <message>
        <source>what is replied</source>
        <translation>lo que se responde</translation>
    </message>
    <message>
        <source>The first rows</source>
        <translation>Las primeras filas</translation>
    </message>
    <message>
        <source>Labels: {}.</source>
        <translation>Etiquetas: {}.</translation>
    </message>
    <message>
        <source>None is longer than {} characters.</source>
        <translation>Ninguno pasa de {} caracteres.</translation>
    </message>
    <message>
        <source>Half have up to {half} characters, the longest up to {longest}.</source>
        <translation>La mitad tiene hasta {half} caracteres; el más largo, hasta {longest}.</translation>
    </message>
    <message>
        <source>These are plain texts.</source>
        <translation>Son textos sin formato.</translation>
    </message>
    <message>
        <source>This is a table.</source>
        <translation>Es una tabla.</translation>
    </message>
    <message>
        <source>These are two files of sentences, line by line.</source>
        <translation>Son dos archivos de frases, línea por línea.</translation>
    </message>
    <message>
        <source>These are questions in JSON.</source>
        <translation>Son preguntas en JSON.</translation>
    </message>
    <message>
        <source>These are conversations.</source>
        <translation>Son conversaciones.</translation>
    </message>
    <message>
        <source>About {time} and {memory} of memory</source>
        <translation>Unos {time} y {memory} de memoria</translation>
    </message>
    <message>
        <source>{} weights</source>
        <translation>{} pesos</translation>
    </message>
    <message>
        <source>{} of them learned</source>
        <translation>{} de ellos se aprenden</translation>
    </message>
    <message>
        <source>{train} tokens to learn from, {held_out} held out</source>
        <translation>{train} tokens de los que aprender, {held_out} apartados</translation>
    </message>
    <message>
        <source>{train} examples to learn from, {held_out} held out</source>
        <translation>{train} ejemplos de los que aprender, {held_out} apartados</translation>
    </message>
    <message>
        <source>Only {} of memory are free now: close other programs, or take a smaller model.</source>
        <translation>Ahora solo hay {} de memoria libre: cierra otros programas o toma un modelo más pequeño.</translation>
    </message>
    <message>
        <source>A table (.tsv, .csv, .jsonl) with a column of texts and one of labels</source>
        <translation>Una tabla (.tsv, .csv, .jsonl) con una columna de textos y otra de etiquetas</translation>
    </message>
    <message>
        <source>Text files, or a folder of them: a megabyte is plenty</source>
        <translation>Archivos de texto, o una carpeta con ellos: basta un megabyte</translation>
    </message>
    <message>
        <source>Write like Shakespeare</source>
        <translation>Escribir como Shakespeare</translation>
    </message>
    <message>
        <source>A small GPT learns a text letter by letter, and goes on with it in its manner.</source>
        <translation>Un GPT pequeño aprende un texto letra a letra y lo continúa a su manera.</translation>
    </message>
    <message>
        <source>Spam or not</source>
        <translation>Spam o no</translation>
    </message>
    <message>
        <source>A model learns from your examples which of two labels a message has.</source>
        <translation>Un modelo aprende de tus ejemplos cuál de dos etiquetas tiene un mensaje.</translation>
    </message>
    <message>
        <source>Sort by topic</source>
        <translation>Clasificar por tema</translation>
    </message>
    <message>
        <source>A model learns from your examples what a text is about.</source>
        <translation>Un modelo aprende de tus ejemplos de qué trata un texto.</translation>
    </message>
    <message>
        <source>Translate English to Spanish</source>
        <translation>Traducir del inglés al español</translation>
    </message>
    <message>
        <source>A Transformer learns from pairs of sentences to turn the first into the second: any two languages will do.</source>
        <translation>Un Transformer aprende de pares de frases a convertir la primera en la segunda: sirven dos idiomas cualesquiera.</translation>
    </message>
    <message>
        <source>A table with a column for each language, or two files, line by line</source>
        <translation>Una tabla con una columna por idioma, o dos archivos, línea por línea</translation>
    </message>
    <message>
        <source>Answer from a text</source>
        <translation>Responder a partir de un texto</translation>
    </message>
    <message>
        <source>A model learns to mark the words of a text that answer a question.</source>
        <translation>Un modelo aprende a marcar las palabras de un texto que responden a una pregunta.</translation>
    </message>
    <message>
        <source>Questions as in SQuAD (.json), or a table: context, question and answers</source>
        <translation>Preguntas como en SQuAD (.json), o una tabla: contexto, pregunta y respuestas</translation>
    </message>
    <message>
        <source>Teach the assistant my style</source>
        <translation>Enseñar mi estilo al asistente</translation>
    </message>
    <message>
        <source>A model you chat with learns from replies you like, beside its weights, which stay as they are.</source>
        <translation>Un modelo con el que chateas aprende de respuestas que te gustan, junto a sus pesos, que quedan como están.</translation>
    </message>
    <message>
        <source>Your conversations, exported as training data, or a table: prompt, response</source>
        <translation>Tus conversaciones, exportadas como datos de entrenamiento, o una tabla: petición, respuesta</translation>
    </message>
    <message>
        <source>RNN, LSTM, GRU and GPT side by side</source>
        <translation>RNN, LSTM, GRU y GPT lado a lado</translation>
    </message>
    <message>
        <source>Four networks with about as many weights learn the same text at the same time. Watch which is best.</source>
        <translation>Cuatro redes con más o menos los mismos pesos aprenden el mismo texto a la vez. Mira cuál es la mejor.</translation>
    </message>
    <message>
        <source>Filled in as that run was. Change what shall be different.</source>
        <translation>Rellenado como aquel entrenamiento. Cambia lo que deba ser distinto.</translation>
    </message>
    <message>
        <source>It goes on with any text. Chat with it to see how well.</source>
        <translation>Continúa cualquier texto. Chatea con él para ver qué tal lo hace.</translation>
    </message>
    <message>
        <source>It fills gaps in texts, and there is nothing to ask it. It is a good beginning: in a new run it can learn to sort texts or to find answers.</source>
        <translation>Rellena huecos en textos y no hay nada que preguntarle. Es un buen comienzo: en un nuevo entrenamiento puede aprender a clasificar textos o a encontrar respuestas.</translation>
    </message>
    <message>
        <source>What is far behind is hard to learn</source>
        <translation>Lo lejano cuesta aprenderlo</translation>
    </message>
    <message>
        <source>Takes seconds</source>
        <translation>Tarda segundos</translation>
    </message>
    <message>
        <source>Attention reads all words at once</source>
        <translation>La atención lee todas las palabras a la vez</translation>
    </message>
    <message>
        <source>Takes a minute or two</source>
        <translation>Tarda un minuto o dos</translation>
    </message>
    <message>
        <source>A fact told long ago</source>
        <translation>Un dato dicho hace mucho</translation>
    </message>
    <message>
        <source>Takes minutes</source>
        <translation>Tarda minutos</translation>
    </message>
    <message>
        <source>Which network writes your text best</source>
        <translation>Qué red escribe mejor tu texto</translation>
    </message>
    <message>
        <source>What having read much buys</source>
        <translation>Lo que aporta haber leído mucho</translation>
    </message>
    <message>
        <source>An RNN hardly learns from a word 50 words back, an LSTM from further back, attention from anywhere.</source>
        <translation>Una RNN apenas aprende de una palabra 50 palabras atrás, una LSTM de más atrás, la atención de cualquier sitio.</translation>
    </message>
    <message>
        <source>A recurrent network takes word after word, so it learns more slowly from long texts; attention takes them all at once.</source>
        <translation>Una red recurrente toma palabra tras palabra, así que aprende más despacio de textos largos; la atención las toma todas a la vez.</translation>
    </message>
    <message>
        <source>Told a fact and asked for it 500 words later, attention still knows it; an RNN has forgotten.</source>
        <translation>Si se dice un dato y se pregunta por él 500 palabras después, la atención aún lo sabe; una RNN lo ha olvidado.</translation>
    </message>
    <message>
        <source>With as many weights and as many minutes, a GPT predicts a text better than a GRU, an LSTM or an RNN.</source>
        <translation>Con los mismos pesos y los mismos minutos, un GPT predice un texto mejor que una GRU, una LSTM o una RNN.</translation>
    </message>
    <message>
        <source>Takes a text of yours, and minutes for each of the four</source>
        <translation>Requiere un texto tuyo y minutos para cada una de las cuatro</translation>
    </message>
    <message>
        <source>A BERT or GPT that was trained before learns to sort texts from a few examples; one from nothing does not.</source>
        <translation>Un BERT o GPT ya entrenado aprende a clasificar textos con pocos ejemplos; desde cero, no.</translation>
    </message>
    <message>
        <source>Takes a table of texts and labels, trained models, and some minutes</source>
        <translation>Requiere una tabla de textos y etiquetas, modelos entrenados y algunos minutos</translation>
    </message>
</context>
<context>
    <name>run</name>
    <message>
        <source>chatapp is open already, but does not answer. Close it first, then try again.</source>
        <translation>chatapp ya está abierto, pero no responde. Ciérralo primero e inténtalo de nuevo.</translation>
    </message>
</context>
</TS>
