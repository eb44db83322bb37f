<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>FoldersCard</name>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n model</numerusform>
            <numerusform>%n models</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Notes</name>
    <message numerus="yes">
        <source>Measured on %Ln example(s) held out, on which the best step was chosen too. Below each figure is its 95 % interval: where two of them overlap, it may be chance which is better.</source>
        <translation>
            <numerusform>Measured on %Ln example held out, on which the best step was chosen too. Below each figure is its 95 % interval: where two of them overlap, it may be chance which is better.</numerusform>
            <numerusform>Measured on %Ln examples held out, on which the best step was chosen too. Below each figure is its 95 % interval: where two of them overlap, it may be chance which is better.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Measured on %Ln pair(s) of English sentences, in nats. Below each figure is its 95 % interval. It shows a leaning on these sentences, and does not prove that there is none elsewhere.</source>
        <translation>
            <numerusform>Measured on %Ln pair of English sentences, in nats. Below each figure is its 95 % interval. It shows a leaning on these sentences, and does not prove that there is none elsewhere.</numerusform>
            <numerusform>Measured on %Ln pairs of English sentences, in nats. Below each figure is its 95 % interval. It shows a leaning on these sentences, and does not prove that there is none elsewhere.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SelectionBar</name>
    <message numerus="yes">
        <source>%n selected</source>
        <translation>
            <numerusform>%n selected</numerusform>
            <numerusform>%n selected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SidebarController</name>
    <message numerus="yes">
        <source>Deleted %n conversation(s)</source>
        <translation>
            <numerusform>Deleted %n conversation</numerusform>
            <numerusform>Deleted %n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Archived %n conversation(s)</source>
        <translation>
            <numerusform>Archived %n conversation</numerusform>
            <numerusform>Archived %n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Took %n conversation(s) out of the archive</source>
        <translation>
            <numerusform>Took %n conversation out of the archive</numerusform>
            <numerusform>Took %n conversations out of the archive</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Pinned %n conversation(s)</source>
        <translation>
            <numerusform>Pinned %n conversation</numerusform>
            <numerusform>Pinned %n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Unpinned %n conversation(s)</source>
        <translation>
            <numerusform>Unpinned %n conversation</numerusform>
            <numerusform>Unpinned %n conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Moved %n conversation(s) to “{}”</source>
        <translation>
            <numerusform>Moved %n conversation to “{}”</numerusform>
            <numerusform>Moved %n conversations to “{}”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Moved %n conversation(s) out of the folder</source>
        <translation>
            <numerusform>Moved %n conversation out of the folder</numerusform>
            <numerusform>Moved %n conversations out of the folder</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Counts</name>
    <message numerus="yes">
        <source>%Ln step(s)</source>
        <translation>
            <numerusform>%Ln step</numerusform>
            <numerusform>%Ln steps</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln example(s) each</source>
        <translation>
            <numerusform>%Ln example each</numerusform>
            <numerusform>%Ln examples each</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln layer(s)</source>
        <translation>
            <numerusform>%Ln layer</numerusform>
            <numerusform>%Ln layers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln head(s)</source>
        <translation>
            <numerusform>%Ln head</numerusform>
            <numerusform>%Ln heads</numerusform>
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
    <name>_FoundCounts</name>
    <message numerus="yes">
        <source>%Ln text(s), {} characters in all.</source>
        <translation>
            <numerusform>%Ln text, {} characters in all.</numerusform>
            <numerusform>%Ln texts, {} characters in all.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln example(s).</source>
        <translation>
            <numerusform>%Ln example.</numerusform>
            <numerusform>%Ln examples.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln repeat(s) others and count(s) once with them.</source>
        <translation>
            <numerusform>%Ln repeats another and counts once with it.</numerusform>
            <numerusform>%Ln repeat others and count once with them.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <translation>
            <numerusform>%Ln more</numerusform>
            <numerusform>%Ln more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>… and %Ln more</source>
        <translation>
            <numerusform>… and %Ln more</numerusform>
            <numerusform>… and %Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Words</name>
    <message numerus="yes">
        <source>%Ln characters</source>
        <translation>
            <numerusform>%Ln character</numerusform>
            <numerusform>%Ln characters</numerusform>
        </translation>
    </message>
</context>
</TS>
